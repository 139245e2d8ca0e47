import t from 'tap';
import type { BgpNeighbor } from '../../../src/config/bgp.js';
import { ipAddress } from '../../../src/net/address.js';
import { sessionChange } from '../../../src/routing/bgp/session-change.js';
import { neighbor } from './session-settings.js';

const inPlace: Partial<BgpNeighbor> = {
  description: 'spine',
  connectRetryMs: 1,
  prefixesMax: 1,
  prefixesOutMax: 1,
  sendsCommunities: [],
  attributes: { ...neighbor().attributes, med: 1 },
  allowed: [],
};
const reset: Partial<BgpNeighbor> = {
  remoteAs: 65009,
  isInternal: true,
  password: 'x',
  sentHops: 2,
  hopsMin: 254,
  port: 1179,
  source: ipAddress('192.0.2.9'),
  interface: 'eth0',
  isPassive: true,
  keepaliveMs: 1000,
  holdMs: 30_000,
  gracefulRestartS: 20,
  hasExtendedNextHop: true,
  families: ['ipv6'],
};

t.test('what can be changed in place is, all else needs a new session', (t) => {
  t.equal(sessionChange(neighbor(), neighbor()), 'none');
  for (const [name, value] of Object.entries(inPlace)) {
    t.equal(sessionChange(neighbor(), neighbor({ [name]: value })), 'in_place', name);
  }
  for (const [name, value] of Object.entries(reset)) {
    t.equal(sessionChange(neighbor(), neighbor({ [name]: value })), 'reset', name);
  }
  const named = [...Object.keys(inPlace), ...Object.keys(reset), 'address', 'shutdown', 'bfd'];
  t.same(Object.keys(neighbor()).sort(), named.sort(), 'nothing is left out');
  t.end();
});

t.test('shutdown is a change of its own', (t) => {
  const down = neighbor({ shutdown: { text: 'x' } });
  t.equal(sessionChange(neighbor(), down), 'shutdown');
  t.equal(sessionChange(down, neighbor()), 'started');
  t.equal(sessionChange(down, neighbor({ shutdown: { text: 'y' } })), 'in_place');
  t.end();
});
