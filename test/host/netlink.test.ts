// The golden bytes were sent by iproute2 and Linux; none of them by our own writer.
import fc from 'fast-check';
import t from 'tap';
import {
  decodeAcknowledgement,
  decodeAddress,
  decodeLink,
  decodeMessages,
  describeNetlinkError,
  encodeAddressDelete,
  encodeAddressDump,
  encodeAddressPut,
  encodeLinkDump,
  encodeMessage,
  messageFlags,
  messageTypes,
  type NetlinkMessage,
} from '../../src/host/netlink.js';
import { parsePrefix } from '../../src/net/prefix.js';
import { goldenPacket } from '../golden/hex.js';

const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();
const ipv4 = { linkIndex: 7, prefix: prefix('192.0.2.100/32') };
const ipv6 = { linkIndex: 7, prefix: prefix('2001:db8::100/128') };
const names = [
  ...['put-ipv4', 'put-ipv6', 'delete-ipv4', 'acknowledged', 'refused'],
  ...['link-up', 'address-dump', 'dump-done'],
];

function messagesOf(name: string): readonly NetlinkMessage[] {
  return decodeMessages(goldenPacket(`rtnetlink/${name}`))._unsafeUnwrap();
}

function only(name: string): NetlinkMessage {
  const [message, ...others] = messagesOf(name);
  if (message === undefined || others.length > 0) throw new Error(`assertion: not one in ${name}`);
  return message;
}

t.test('requests are the bytes that ip sends', (t) => {
  const put =
    messageFlags.request | messageFlags.acknowledge | messageFlags.create | messageFlags.replace;
  const drop = messageFlags.request | messageFlags.acknowledge;
  const requests = [
    ['put-ipv4', messageTypes.newAddress, put, encodeAddressPut(ipv4, 3)],
    ['put-ipv6', messageTypes.newAddress, put, encodeAddressPut(ipv6, null)],
    ['delete-ipv4', messageTypes.deleteAddress, drop, encodeAddressDelete(ipv4)],
  ] as const;
  for (const [name, type, flags, payload] of requests) {
    const { sequence } = only(name);
    const bytes = encodeMessage({ type, flags, sequence, payload });
    t.strictSame(bytes, goldenPacket(`rtnetlink/${name}`), name);
  }
  t.equal(encodeLinkDump().length, 16, 'struct ifinfomsg');
  t.equal(encodeAddressDump().length, 8, 'struct ifaddrmsg');
  t.end();
});

t.test('the kernel says yes and no', (t) => {
  const yes = only('acknowledged');
  t.equal(yes.type, messageTypes.error);
  t.equal(yes.sequence, 0x6b014575);
  t.strictSame(decodeAcknowledgement(yes)._unsafeUnwrap(), { errorNumber: 0, text: null });
  const no = { errorNumber: 99, text: 'ipv4: Address not found' };
  t.strictSame(decodeAcknowledgement(only('refused'))._unsafeUnwrap(), no);
  const done = only('dump-done');
  t.equal(done.type, messageTypes.done);
  t.strictSame(decodeAcknowledgement(done)._unsafeUnwrap(), { errorNumber: 0, text: null });
  t.end();
});

t.test('links and addresses are read', (t) => {
  const link = only('link-up');
  t.equal(link.type, messageTypes.newLink);
  const expected = { index: 7, name: 'eth0', mac: '02:00:00:00:00:01', mtuBytes: 1500, isUp: true };
  t.strictSame(decodeLink(link.payload)._unsafeUnwrap(), expected);
  const view = Uint8Array.from(link.payload);
  view[8] = 0;
  t.equal(decodeLink(view)._unsafeUnwrap()?.isUp, false, 'without IFF_UP and IFF_RUNNING');
  view[0] = 7;
  t.equal(decodeLink(view)._unsafeUnwrap(), null, "a bridge's view of its port");
  const addresses = messagesOf('address-dump').map(({ payload }) => decodeAddress(payload));
  t.strictSame(
    addresses.map((address) => address._unsafeUnwrap()),
    [
      ipv4,
      ipv6,
      { linkIndex: 7, prefix: prefix('fe80::ff:fe00:1/64') },
      { linkIndex: 8, prefix: prefix('fe80::7c34:4fff:fe39:22a7/64') },
    ],
  );
  t.equal(decodeAddress(Uint8Array.of(17, 0, 0, 0, 0, 0, 0, 0))._unsafeUnwrap(), null);
  t.end();
});

t.test('on a point-to-point link the address is our end', (t) => {
  const [message] = messagesOf('address-dump');
  const payload = Uint8Array.from(message?.payload ?? []);
  // IFA_ADDRESS comes first in the kernel's answer: 192.0.2.100 becomes the other end.
  payload.set([10, 0, 0, 1], 12);
  t.strictSame(decodeAddress(payload)._unsafeUnwrap(), ipv4);
  t.end();
});

t.test('whatever is cut short is refused, never thrown', (t) => {
  for (const name of names) {
    const bytes = goldenPacket(`rtnetlink/${name}`);
    const whole = new Map(messagesOf(name).map((message) => [message.payload.length, message]));
    for (let length = 0; length < bytes.length; length++) {
      const cut = decodeMessages(bytes.subarray(0, length));
      if (cut.isErr()) {
        t.equal(
          describeNetlinkError(cut.error),
          "the kernel's answer has a malformed message header",
        );
        continue;
      }
      // A cut between two messages, or in the padding after the last.
      for (const { payload } of cut.value) t.ok(whole.has(payload.length), `${name} ${length}`);
    }
  }
  const link = only('link-up').payload;
  for (let length = 0; length < 20; length++) t.ok(decodeLink(link.subarray(0, length)).isErr());
  const address = messagesOf('address-dump')[0]?.payload ?? link;
  for (let length = 0; length < 16; length++) {
    t.ok(decodeAddress(address.subarray(0, length)).isErr());
  }
  t.ok(decodeAcknowledgement({ ...only('refused'), payload: new Uint8Array(3) }).isErr());
  t.end();
});

t.test('any bytes are read or refused', (t) => {
  const anyMessage = fc.record({
    type: fc.constantFrom(...Object.values(messageTypes)),
    flags: fc.nat(0xffff),
    sequence: fc.nat(),
    payload: fc.uint8Array({ maxLength: 120 }),
  });
  fc.assert(
    fc.property(anyMessage, (message) => {
      decodeAcknowledgement(message);
      decodeLink(message.payload);
      decodeAddress(message.payload);
      decodeMessages(message.payload);
      const [again] = decodeMessages(encodeMessage(message))._unsafeUnwrap();
      t.strictSame(again, { ...message });
    }),
    { numRuns: 500 },
  );
  t.end();
});
