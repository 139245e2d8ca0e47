// What genhash shows, as keepalived's does.

export type HashedPage = {
  readonly path: string;
  readonly digits: string;
  /** With -v; null: only the sum is shown. */
  readonly seen: { readonly head: Uint8Array; readonly page: Uint8Array } | null;
  readonly tookMs: number;
};

const rowBytes = 16;
const titleColumns = 27;

export function printHash({ path, digits, seen, tookMs }: HashedPage): string {
  if (seen === null) return `${digits}\n`;
  const { head, page } = seen;
  const shown = page.length === 0 ? '' : title('HTML Buffer') + dump(page);
  return (
    title('HTTP Header Buffer') +
    dump(head) +
    title('HTTP Header Ascii Buffer') +
    `${new TextDecoder('latin1').decode(head)}\n` +
    shown +
    '\n' +
    title('HTML hash resulting') +
    dump(Buffer.from(digits, 'hex')) +
    title('HTML hash final resulting') +
    `${digits}\n\n` +
    `Global response time for [${path}] = ${Math.round(tookMs * 1000)} usecs\n`
  );
}

function title(text: string): string {
  const space = ' '.repeat(Math.floor((titleColumns - text.length) / 2));
  const line = '-'.repeat(23);
  return `${line}[${space}${text}${space}]${line}\n`;
}

function dump(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += rowBytes) {
    text += row(at, bytes.subarray(at, at + rowBytes));
  }
  return text;
}

function row(at: number, bytes: Uint8Array): string {
  const cells = Array.from({ length: rowBytes }, (_, index) => {
    const byte = bytes[index];
    return byte === undefined ? '   ' : `${byte.toString(16).padStart(2, '0')} `;
  });
  const half = rowBytes / 2;
  const hexadecimal = `${cells.slice(0, half).join('')}- ${cells.slice(half).join('')}`;
  const letters = [...bytes].map((byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  );
  const offset = String(at).padStart(4, '0');
  return `${offset}  ${hexadecimal}  ${letters.join('').padEnd(rowBytes)}\n`;
}
