import t from 'tap';
import { hostIdentifier, movingAddresses } from '../../src/daemon/host-identifier.js';
import { type IpAddress, ipAddress } from '../../src/net/address.js';
import { parsePrefix } from '../../src/net/prefix.js';
import { configOf } from '../config/text.js';
import { instance } from '../routing/announcement/examples.js';

function host(...texts: string[]) {
  return texts.map((text) => ({ linkIndex: 1, prefix: parsePrefix(text)._unsafeUnwrap() }));
}

const none: ReadonlySet<IpAddress> = new Set();

t.test('the least IPv4 address that others can reach', (t) => {
  const addresses = host('127.0.0.1/8', '169.254.1.1/16', '192.0.2.9/24', '192.0.2.10/24');
  t.equal(hostIdentifier(addresses, none), '192.0.2.9', 'by value, not as text');
  t.equal(hostIdentifier(addresses.toReversed(), none), '192.0.2.9', 'in whatever order');
  t.equal(hostIdentifier(host('2001:db8::1/64', '127.0.0.1/8'), none), null);
  t.end();
});

t.test('never one that another node may have at the same time', (t) => {
  const { config } = configOf(instance('V', '192.0.2.1', ''));
  const moving = movingAddresses(config, [ipAddress('192.0.2.2')]);
  t.same([...moving].sort(), ['192.0.2.1', '192.0.2.2']);
  const addresses = host('192.0.2.1/32', '192.0.2.2/32', '192.0.2.3/24');
  t.equal(hostIdentifier(addresses, moving), '192.0.2.3');
  t.equal(hostIdentifier(addresses.slice(0, 2), moving), null);
  t.end();
});
