// Packets as bytes that someone else's program has sent: test/golden/packets/<name>.hex, with
// comments.
import { readFileSync } from 'node:fs';

export function goldenPacket(name: string): Uint8Array {
  const text = readFileSync(new URL(`packets/${name}.hex`, import.meta.url), 'utf8');
  const digits = text.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '');
  if (!/^([0-9a-f]{2})+$/.test(digits)) throw new Error(`assertion: ${name}.hex is no hexadecimal`);
  return Uint8Array.from(digits.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
}
