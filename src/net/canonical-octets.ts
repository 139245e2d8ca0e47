// The octets of an address in the one form that address.ts writes, without its checks: text that
// was parsed once is read again for every route and every packet.

const colon = 0x3a;
const dot = 0x2e;

/** null: it is not the canonical form of any address. */
export function canonicalOctets(text: string): Uint8Array | null {
  return text.includes(':') ? ipv6Octets(text) : ipv4Octets(text);
}

function ipv4Octets(text: string): Uint8Array | null {
  const octets = new Uint8Array(4);
  let count = 0;
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === dot) {
      octets[count] = value;
      count += 1;
      value = 0;
    } else {
      value = value * 10 + code - 0x30;
    }
  }
  octets[3] = value;
  return count === 3 ? octets : null;
}

function ipv6Octets(text: string): Uint8Array | null {
  const octets = new Uint8Array(16);
  let count = 0;
  let gapAt = -1;
  let group = 0;
  let digits = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const code = index < text.length ? text.charCodeAt(index) : colon;
    if (code !== colon) {
      // Digits, and small letters.
      group = (group << 4) | (code <= 0x39 ? code - 0x30 : code - 0x57);
      digits += 1;
      continue;
    }
    if (digits > 0) {
      octets[count] = group >> 8;
      octets[count + 1] = group;
      count += 2;
      group = 0;
      digits = 0;
    }
    if (text.charCodeAt(index + 1) === colon) gapAt = count;
  }
  if (gapAt < 0) return count === 16 ? octets : null;
  const end = 16 - (count - gapAt);
  octets.copyWithin(end, gapAt, count);
  return octets.fill(0, gapAt, end);
}
