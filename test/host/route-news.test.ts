import t from 'tap';
import {
  decodeMessages,
  encodeAddressPut,
  encodeMessage,
  messageTypes,
} from '../../src/host/netlink.js';
import { RouteNews } from '../../src/host/route-news.js';
import { parsePrefix } from '../../src/net/prefix.js';
import { goldenPacket } from '../golden/hex.js';

const link = goldenPacket('rtnetlink/link-up');

function addressMessage(type: number, validSeconds: number): Uint8Array {
  const prefix = parsePrefix('192.0.2.100/32')._unsafeUnwrap();
  const payload = encodeAddressPut({ linkIndex: 7, prefix }, validSeconds);
  return encodeMessage({ type, flags: 0, sequence: 0, payload });
}

t.test('a renewed lease is no news, a new or removed address is', (t) => {
  const news = new RouteNews();
  t.equal(news.take(addressMessage(messageTypes.newAddress, 3)), true);
  t.equal(news.take(addressMessage(messageTypes.newAddress, 4)), false);
  t.equal(news.take(addressMessage(messageTypes.deleteAddress, 4)), true);
  t.equal(news.take(addressMessage(messageTypes.newAddress, 4)), true);
  t.end();
});

t.test('a link is news when a fact about it changed', (t) => {
  const news = new RouteNews();
  t.equal(news.take(link), true);
  t.equal(news.take(link), false, 'the same again');
  const [message] = decodeMessages(link)._unsafeUnwrap();
  const payload = Uint8Array.from(message?.payload ?? []);
  payload[8] = 0;
  const down = encodeMessage({ type: messageTypes.newLink, flags: 0, sequence: 0, payload });
  t.equal(news.take(down), true, 'down');
  const removed = { type: messageTypes.deleteLink, flags: 0, sequence: 0 };
  payload[0] = 7;
  t.equal(news.take(encodeMessage({ ...removed, payload })), false, 'out of its bridge');
  payload[0] = 0;
  t.equal(news.take(encodeMessage({ ...removed, payload })), true, 'gone');
  t.end();
});

t.test('all messages of a datagram are taken', (t) => {
  const news = new RouteNews();
  const added = addressMessage(messageTypes.newAddress, 3);
  t.equal(news.take(Uint8Array.from([...link, ...added])), true);
  t.equal(news.take(added), false, 'known since the datagram before');
  t.end();
});

t.test('after a loss everything is news; so is what cannot be read', (t) => {
  const news = new RouteNews();
  news.take(link);
  news.forget();
  t.equal(news.take(link), true);
  t.equal(news.take(Uint8Array.of(1)), true);
  t.equal(news.take(goldenPacket('rtnetlink/dump-done')), false, 'not about links or addresses');
  t.end();
});
