import t from 'tap';
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import { reconcile } from '../../../src/ha/vrrp/reconciliation.js';
import { ipAddress } from '../../../src/net/address.js';
import { garp, instance, secondAddress, virtualAddress } from './instance.js';

t.test('what a reload means', (t) => {
  const changes: readonly (readonly [Partial<VrrpInstance>, ReturnType<typeof reconcile>])[] = [
    [{}, 'unchanged'],
    [{ priority: 101 }, 'in_place'],
    [{ state: 'MASTER' }, 'in_place'],
    [{ advertIntervalMs: 2000 }, 'in_place'],
    [{ authentication: { type: 'pass', password: 'x' } }, 'in_place'],
    [{ preempts: false }, 'in_place'],
    [{ leases: false }, 'in_place'],
    [{ garp: { ...garp, masterDelayMs: 1000 } }, 'in_place'],
    [{ garp: { ...garp, masterRounds: 1 } }, 'in_place'],
    [{ virtualAddresses: [] }, 'in_place'],
    [{ virtualAddresses: [{ prefix: secondAddress, device: 'eth0' }] }, 'in_place'],
    [{ virtualAddresses: [{ prefix: virtualAddress, device: 'eth1' }] }, 'restart'],
    [{ name: 'V_2' }, 'restart'],
    [{ interface: 'eth1' }, 'restart'],
    [{ dpdkInterface: 'dpdk0' }, 'restart'],
    [{ virtualRouterId: 52 }, 'restart'],
    [{ version: 3 }, 'restart'],
    [{ sourceAddress: ipAddress('10.0.0.9') }, 'restart'],
    [{ destination: { type: 'peers', peers: [], ttl: 1 } }, 'restart'],
    [{ authentication: { type: 'ah', password: 'x' } }, 'restart'],
    [{ preemptDelayMs: 1000 }, 'in_place'],
    [{ priority: 255 }, 'in_place'],
    [{ priority: 255, state: 'MASTER' }, 'restart'],
  ];
  for (const [change, expected] of changes) {
    t.equal(reconcile(instance(), instance(change)), expected, JSON.stringify(change));
  }
  const reordered = Object.fromEntries(Object.entries(instance()).reverse());
  t.equal(reconcile(instance(), reordered as VrrpInstance), 'unchanged', 'order of fields');
  t.end();
});
