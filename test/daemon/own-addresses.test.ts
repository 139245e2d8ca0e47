import { err } from 'neverthrow';
import t from 'tap';
import { OwnAddresses } from '../../src/daemon/own-addresses.js';
import { ipAddress } from '../../src/net/address.js';
import { parsePrefix } from '../../src/net/prefix.js';
import { SimulatedKernel } from '../sim/kernel.js';

const ours = ipAddress('2001:db8::1');
const onLink = { address: ipAddress('2001:db8::2') };

t.test('the link-local address of the link that the neighbour is on', async (t) => {
  const kernel = new SimulatedKernel();
  for (const name of ['eth0', 'eth1']) kernel.addLink(name);
  const put = async (link: string, text: string) => {
    const prefix = parsePrefix(text)._unsafeUnwrap();
    await kernel.putAddress({ interface: link, prefix, validSeconds: null });
  };
  await put('eth1', 'fe80::1/64');
  await put('eth0', '2001:db8::1/64');
  const own = new OwnAddresses(kernel, { write: () => t.fail('nothing to say') });
  t.equal(own.linkLocalBeside(ours, onLink), null, 'nothing is known yet');
  await own.start();
  await own.start();
  t.equal(own.linkLocalBeside(ours, onLink), null, 'that of another link is none');
  await put('eth0', 'fe80::a/64');
  await new Promise(setImmediate);
  t.equal(own.linkLocalBeside(ours, onLink), 'fe80::a', 'the kernel has news');
  const far = { address: ipAddress('2001:db8:9::2') };
  t.equal(own.linkLocalBeside(ours, far), null, 'RFC 2545: only for neighbours on the link');
  t.equal(own.linkLocalBeside(ipAddress('fe80::a'), { address: ipAddress('fe80::b') }), null);
  t.equal(own.linkLocalBeside(ipAddress('192.0.2.1'), onLink), null);
  own.stop();
  await put('eth0', 'fe80::9/64');
  await kernel.removeAddress('eth0', parsePrefix('fe80::a/64')._unsafeUnwrap());
  await new Promise(setImmediate);
  t.equal(own.linkLocalBeside(ours, onLink), 'fe80::a', 'nobody looks any more');
});

t.test('a kernel that tells no news', async (t) => {
  const lines: string[] = [];
  const kernel = new SimulatedKernel();
  kernel.watch = () => {
    return err({ type: 'kernel.failed', action: 'watch the links', reason: 'EPERM' });
  };
  const own = new OwnAddresses(kernel, {
    write: (level, line) => void lines.push(`${level} ${line}`),
  });
  await own.start();
  t.same(lines, ['error cannot watch the links: EPERM']);
});
