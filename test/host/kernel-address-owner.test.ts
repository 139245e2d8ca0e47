import { err, ok } from 'neverthrow';
import t from 'tap';
import { KernelAddressOwner } from '../../src/host/kernel-address-owner.js';
import { macFromBytes } from '../../src/net/mac.js';
import { parsePrefix } from '../../src/net/prefix.js';
import type { AddressRequest } from '../../src/ports/kernel.js';
import { SimulatedKernel } from '../sim/kernel.js';

const prefix = (text: string) => parsePrefix(text)._unsafeUnwrap();
const mac = macFromBytes(Uint8Array.of(2, 0, 0, 0, 0, 1));
const vip = prefix('192.0.2.100/32');
const second = prefix('192.0.2.101/24');
const ipv6 = prefix('2001:db8::100/128');

class RecordingKernel extends SimulatedKernel {
  readonly requests: AddressRequest[] = [];

  override putAddress(request: AddressRequest) {
    this.requests.push(request);
    return super.putAddress(request);
  }
}

function world(interfaceName = 'eth0') {
  const kernel = new RecordingKernel();
  kernel.addLink('lo');
  kernel.addLink('eth0');
  const frames: string[] = [];
  const lines: string[] = [];
  const packets = {
    openDatagrams: () => {
      throw new Error('assertion: no datagrams here');
    },
    frameSender: (name: string) => {
      if (name === 'lo') return ok(null);
      if (name !== 'eth9') return ok({ mac, isRouter: false });
      return err({ type: 'packets.failed', action: 'read', reason: 'No such device' } as const);
    },
    sendFrame: (name: string, frame: Uint8Array) => {
      frames.push(`${name} ${new TextDecoder().decode(frame)}`);
      if (name === 'broken') {
        return err({ type: 'packets.failed', action: 'send', reason: 'Network is down' } as const);
      }
      return ok(undefined);
    },
  };
  const owner = new KernelAddressOwner({
    interfaceName,
    kernel,
    packets,
    announcementFrame: ({ mac }, address) => new TextEncoder().encode(`${address} is at ${mac}`),
    log: { write: (level, line) => lines.push(`${level} ${line}`) },
  });
  return { kernel, frames, lines, owner };
}

t.test('leases are whole seconds, without the one that the kernel may be late', async (t) => {
  const { kernel, owner, lines } = world();
  t.ok((await owner.lease([vip, second], 3_609)).isOk());
  t.ok((await owner.lease([vip], 1_000)).isOk());
  t.ok((await owner.lease([vip], null)).isOk());
  const asked = kernel.requests.map(({ validSeconds }) => validSeconds);
  t.strictSame(asked, [2, 2, 1, null]);
  t.strictSame(kernel.list(), ['eth0 192.0.2.100/32', 'eth0 192.0.2.101/24']);
  t.strictSame(lines, []);
});

t.test('a lease shorter than a second is none, and said once', async (t) => {
  const { kernel, owner, lines } = world();
  t.ok((await owner.lease([vip], 999.4)).isOk());
  t.ok((await owner.lease([vip], 300)).isOk());
  t.strictSame(
    kernel.requests.map(({ validSeconds }) => validSeconds),
    [null, null],
  );
  t.strictSame(lines, [
    'warning Addresses on eth0 are not leased: ' +
      'the kernel cannot keep a lease of 999 ms, shorter than 1 second',
  ]);
});

t.test('a release right after a renewal wins', async (t) => {
  const { kernel, owner } = world();
  const renewal = owner.lease([vip, second], 3_000);
  const release = owner.release([vip, second]);
  t.ok((await renewal).isOk());
  t.ok((await release).isOk());
  t.strictSame(kernel.list(), []);
});

t.test('held is what is on our interface now', async (t) => {
  const { kernel, owner } = world();
  await kernel.putAddress({ interface: 'eth0', prefix: vip, validSeconds: 3 });
  await kernel.putAddress({ interface: 'lo', prefix: second, validSeconds: null });
  t.strictSame((await owner.held([vip, second]))._unsafeUnwrap(), [vip]);
});

t.test('one frame for each address, from the interface', async (t) => {
  const { frames, owner } = world();
  t.ok((await owner.announce([vip, ipv6, second])).isOk());
  t.strictSame(frames, [
    'eth0 192.0.2.100 is at 02:00:00:00:00:01',
    'eth0 2001:db8::100 is at 02:00:00:00:00:01',
    'eth0 192.0.2.101 is at 02:00:00:00:00:01',
  ]);
  const loopback = world('lo');
  t.ok((await loopback.owner.announce([vip])).isOk());
  t.strictSame(loopback.frames, [], 'nobody to tell');
});

t.test('failures name the address or the interface', async (t) => {
  const { owner } = world('eth9');
  t.strictSame((await owner.lease([vip], 3_000))._unsafeUnwrapErr(), {
    type: 'address_owner.failed',
    reason: 'cannot add 192.0.2.100/32 to eth9: No such device',
  });
  t.match((await owner.announce([vip]))._unsafeUnwrapErr().reason, 'cannot read: No such device');
  t.strictSame((await owner.held([vip]))._unsafeUnwrap(), []);
  const { owner: broken, kernel } = world('broken');
  kernel.addLink('broken');
  t.match((await broken.announce([vip]))._unsafeUnwrapErr().reason, 'cannot send: Network is down');
});
