// The instance that the VRRP tests vary.
import type { VrrpInstance } from '../../../src/config/vrrp.js';
import { parsePrefix } from '../../../src/net/prefix.js';
import { noObjects } from '../../config/no-objects.js';

export const virtualAddress = parsePrefix('10.0.0.100/32')._unsafeUnwrap();
export const secondAddress = parsePrefix('10.0.0.101/32')._unsafeUnwrap();

export function instance(changes: Partial<VrrpInstance> = {}): VrrpInstance {
  return {
    name: 'V_1',
    state: 'BACKUP',
    interface: 'eth0',
    dpdkInterface: null,
    virtualRouterId: 51,
    priority: 100,
    advertIntervalMs: 1000,
    authentication: { type: 'none' },
    preempts: true,
    leases: true,
    virtualAddresses: [{ prefix: virtualAddress, device: 'eth0' }],
    garpMasterDelayMs: 5000,
    garpMasterRepeat: 5,
    objects: noObjects,
    ...changes,
  };
}
