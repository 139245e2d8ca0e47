// What the head of an answer says (RFC 9112 sections 3 and 4), as far as a check needs it.

export type Head = {
  /** null: the first line has none. */
  readonly statusCode: number | null;
  /** Octets of the page; null: up to the end of the connection. */
  readonly pageBytes: number | null;
};

const noPage: ReadonlySet<number> = new Set([204, 304]);
const blankLine = [0x0d, 0x0a, 0x0d, 0x0a] as const;

/** Where the page begins; null: the head has not ended. `from`: what was looked at before. */
export function headEnd(bytes: Uint8Array, from: number): number | null {
  const [r, n] = blankLine;
  let at = bytes.indexOf(r, from);
  while (at >= 0 && at + 3 < bytes.length) {
    if (bytes[at + 1] === n && bytes[at + 2] === r && bytes[at + 3] === n) return at + 4;
    at = bytes.indexOf(r, at + 1);
  }
  return null;
}

/** `bytes`: the head without anything after it. */
export function headOf(bytes: Uint8Array): Head {
  const [first = '', ...lines] = new TextDecoder('latin1').decode(bytes).split('\r\n');
  const code = /^\S+ +([0-9]{3})( |$)/.exec(first)?.[1];
  const statusCode = code === undefined ? null : Number(code);
  const pageBytes = noPage.has(statusCode ?? 0) ? 0 : contentLength(lines);
  return { statusCode, pageBytes };
}

/** Of a head that contradicts itself nothing is believed. */
function contentLength(lines: readonly string[]): number | null {
  const said = new Set(
    lines.flatMap((line) => /^content-length[ \t]*:[ \t]*(.*?)[ \t]*$/i.exec(line)?.[1] ?? []),
  );
  const [only] = said;
  if (said.size !== 1 || only === undefined || !/^[0-9]{1,15}$/.test(only)) return null;
  return Number(only);
}
