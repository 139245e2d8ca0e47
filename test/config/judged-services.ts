// Texts of services, and the verdict of Debian's `keepalived -t` (2.2.7) on each.

export type Judged = { readonly text: string; readonly exitCode: number };

export function judged(exitCode: number, texts: readonly string[]): readonly Judged[] {
  return texts.map((text) => ({ text, exitCode }));
}

/** One entry a line of `text`; "\n" inside an entry is a new line. */
export function entries(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('\\n', '\n'));
}

/** Scripts are root's and allowed, so that nothing is said of them. */
const globals = 'global_defs {\nscript_user root\nenable_script_security\n}\n';

/** A service with one server, both right but for what is put into them. */
export function serviceText(head: string, inService: string, inServer: string): string {
  return `${globals}virtual_server ${head} {
lb_algo rr
lb_kind NAT
protocol TCP
${inService}
real_server 192.0.2.20 80 {
${inServer}
}
}
`;
}
