import t from 'tap';
import {
  planLinks,
  reversePathSettings,
  sharedLinkLocal,
  sysctlsOfLink,
} from '../../src/ha/link-plan.js';
import { SysctlKeeper } from '../../src/ha/sysctl-keeper.js';
import type { MacAddress } from '../../src/net/mac.js';
import { parsePrefix } from '../../src/net/prefix.js';
import type { FoundLink, VirtualLink } from '../../src/ports/kernel-objects.js';
import { SimulatedSysctls } from '../sim/sysctls.js';
import { address } from './kernel-samples.js';

const mac = '00:00:5e:00:01:33' as MacAddress;
const other = '00:00:5e:00:01:34' as MacAddress;
const wanted: VirtualLink = {
  ...{ name: 'vrrp.51', parent: 'eth0', group: null },
  kind: { type: 'macvlan', mac },
};
const parent: FoundLink = { index: 2, name: 'eth0', kind: 'veth', parentIndex: 9, mac };
const present: FoundLink = { index: 7, name: 'vrrp.51', kind: 'macvlan', parentIndex: 2, mac };

t.test('an interface that a killed daemon left is taken over', (t) => {
  const nothing = { kept: [], removed: [], made: [], refused: [] };
  t.strictSame(planLinks([parent], [wanted]), { ...nothing, made: [wanted] });
  t.strictSame(planLinks([parent, present], [wanted]), { ...nothing, kept: [wanted] });
  const replaced = { ...nothing, removed: ['vrrp.51'], made: [wanted] };
  t.strictSame(planLinks([parent, { ...present, mac: other }], [wanted]), replaced);
  t.strictSame(planLinks([parent, { ...present, parentIndex: 3 }], [wanted]), replaced);
  t.strictSame(planLinks([parent, { ...present, kind: 'ipvlan' }], [wanted]), replaced);
  const foreign = planLinks([parent, { ...present, kind: 'bridge' }], [wanted]);
  t.strictSame(foreign, { ...nothing, refused: [wanted] });
  t.end();
});

t.test('a VMAC answers for its own addresses, the interface below does not', (t) => {
  const words = (device: string) =>
    sysctlsOfLink(wanted, [address('192.0.2.1', { device })]).map(
      ({ name, value }) => `${name.slice(1).join(' ')} ${value}`,
    );
  t.strictSame(words('vrrp.51'), [
    'ipv6 conf vrrp.51 disable_ipv6 1',
    'ipv4 conf vrrp.51 arp_ignore 1',
    'ipv4 conf vrrp.51 accept_local 1',
    'ipv4 conf vrrp.51 rp_filter 0',
    'ipv4 conf vrrp.51 promote_secondaries 1',
    'ipv4 conf eth0 arp_ignore 1',
    'ipv4 conf eth0 arp_filter 1',
    'ipv4 conf eth0 arp_announce 2',
  ]);
  t.notOk(words('eth1').some((line) => line.includes('eth0')));
  const ipv6 = sysctlsOfLink(wanted, [address('2001:db8::1', { device: 'vrrp.51' })]);
  t.strictSame(ipv6[0]?.name.at(-1), 'addr_gen_mode');
  const ipvlan = { ...wanted, kind: { type: 'ipvlan', mode: 'bridge' } } as const;
  t.strictSame(sysctlsOfLink(ipvlan, []), []);
  t.end();
});

t.test('a VMAC with IPv6 addresses shares the link-local one of the interface below', (t) => {
  const at = (text: string, linkIndex: number) => ({
    linkIndex,
    prefix: parsePrefix(text)._unsafeUnwrap(),
  });
  const links = [{ index: 2, name: 'eth0', mac, mtuBytes: 1500, isUp: true }];
  const own = [address('fe80::100', { device: 'vrrp.51' })];
  const placed = (...addresses: ReturnType<typeof at>[]) => ({ links, addresses });
  const below = [at('2001:db8::1/64', 2), at('fe80::100/128', 2), at('fe80::1/64', 2)];
  const shared = sharedLinkLocal(wanted, own, placed(at('fe80::9/64', 3), ...below));
  t.strictSame(shared, at('fe80::1/64', 2).prefix, 'neither the virtual one nor a global one');
  t.equal(sharedLinkLocal(wanted, own, placed(at('fe80::9/64', 3))), null);
  t.equal(sharedLinkLocal(wanted, [address('192.0.2.1', { device: 'vrrp.51' })], placed()), null);
  t.end();
});

t.test('the reverse path filter of all others stays what it was', (t) => {
  const filters = new Map([
    ['default', 0],
    ['eth0', 1],
    ['eth1', 2],
  ]);
  t.strictSame(reversePathSettings(0, filters), []);
  t.strictSame(
    reversePathSettings(2, filters).map(({ name, value }) => `${name.at(-2)} ${value}`),
    ['default 2', 'eth0 2', 'all 0'],
  );
  t.end();
});

t.test('sysctls become what they were', async (t) => {
  const sysctls = new SimulatedSysctls();
  const lines: string[] = [];
  const log = { write: (level: string, line: string) => lines.push(`${level} ${line}`) };
  const keeper = new SysctlKeeper(sysctls, log);
  for (const name of ['a', 'b', 'c']) sysctls.values.set(name, '0');
  await keeper.hold([
    { name: ['a'], value: '1' },
    { name: ['b'], value: '1' },
    { name: ['c'], value: '0' },
  ]);
  await keeper.hold([{ name: ['a'], value: '2' }]);
  t.strictSame([...sysctls.values.values()], ['2', '1', '0']);
  sysctls.values.set('b', '5');
  await keeper.keepOnly([['a']]);
  t.strictSame([...sysctls.values.values()], ['2', '5', '0'], 'someone else has set b');
  await keeper.keepOnly([]);
  t.strictSame([...sysctls.values.values()], ['0', '5', '0']);
  await keeper.hold([{ name: ['nothing'], value: '1' }]);
  t.strictSame(lines, ['warning cannot use the sysctl nothing: No such file or directory']);
});
