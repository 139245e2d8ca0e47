// A capture file of one TCP stream from port 50000 to 179 over IPv4, each message in segments of
// its own, for tshark.

const segmentOctets = 1400;
/** LINKTYPE_RAW: packets begin with their IP header. */
const linkTypeRaw = 101;

export function capture(messages: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(linkTypeRaw, 20);
  const parts: Buffer[] = [head];
  let sequence = 1;
  for (const message of messages) {
    for (let from = 0; from < message.length; from += segmentOctets) {
      const segment = message.subarray(from, from + segmentOctets);
      const packet = tcpPacket(segment, sequence);
      const record = Buffer.alloc(16);
      record.writeUInt32LE(parts.length, 0);
      record.writeUInt32LE(packet.length, 8);
      record.writeUInt32LE(packet.length, 12);
      parts.push(record, packet);
      sequence += segment.length;
    }
  }
  return Buffer.concat(parts);
}

function tcpPacket(segment: Uint8Array, sequence: number): Buffer {
  const head = Buffer.alloc(40);
  head.writeUInt8(0x45, 0);
  head.writeUInt16BE(40 + segment.length, 2);
  head.writeUInt8(64, 8);
  head.writeUInt8(6, 9);
  head.set([192, 0, 2, 1, 192, 0, 2, 254], 12);
  head.writeUInt16BE(50_000, 20);
  head.writeUInt16BE(179, 22);
  head.writeUInt32BE(sequence, 24);
  head.writeUInt32BE(1, 28);
  // Five words of header; ACK and PSH.
  head.writeUInt16BE(0x5018, 32);
  head.writeUInt16BE(0xffff, 34);
  return Buffer.concat([head, segment]);
}
