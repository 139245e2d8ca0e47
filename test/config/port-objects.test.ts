// What an instance with dpdk_interface has beside its addresses: which of it is the data plane's.
import t from 'tap';
import { complaints, configOf, notices } from './text.js';

const file = (lines: string, more = '') => `
dataplane {
  port dpdk0 {
    device net_null
  }
  port dpdk1 {
    device net_null
    kni_name back
  }
}
vrrp_instance V {
  interface dpdk0.kni
  dpdk_interface dpdk0
  virtual_router_id 51
  virtual_ipaddress {
    192.0.2.100/24
  }
${lines}
}
${more}`;
const routes = (...lines: string[]) => file(`virtual_routes {\n${lines.join('\n')}\n}`);

function objectsIn(text: string) {
  const objects = configOf(text).config.vrrpInstances[0]?.objects;
  if (objects === undefined) throw new Error('assertion: there is an instance');
  return objects;
}

t.test('plain routes are the data plane’s, on their port or that of the instance', (t) => {
  const { portRoutes, routes: kernel } = objectsIn(
    routes(
      '198.51.100.9/24 via 192.0.2.1',
      '203.0.113.0/24 dev dpdk1 scope link',
      'default via 192.0.2.1 dev dpdk0',
      '2001:db8:5::/48 via 2001:db8::1',
      'default via 192.0.2.2',
    ),
  );
  t.strictSame(portRoutes, [
    {
      destination: { address: '198.51.100.0', length: 24 },
      gateway: '192.0.2.1',
      device: 'dpdk0',
    },
    { destination: { address: '203.0.113.0', length: 24 }, gateway: null, device: 'dpdk1' },
    { destination: { address: '0.0.0.0', length: 0 }, gateway: '192.0.2.1', device: 'dpdk0' },
    {
      destination: { address: '2001:db8:5::', length: 48 },
      gateway: '2001:db8::1',
      device: 'dpdk0',
    },
  ]);
  t.same(kernel, []);
  t.end();
});

t.test('what the data plane cannot have is the kernel’s, on the companion interface', (t) => {
  const text = routes(
    '198.51.100.0/24 via 192.0.2.1 dev dpdk0 table 100',
    'blackhole 10.0.0.0/8',
    '10.1.0.0/16 nexthop via 192.0.2.1 dev dpdk1 nexthop via 192.0.2.2 dev dpdk0',
    '10.2.0.0/16 dev eth7',
    '10.3.0.0/16 dev dpdk0.kni',
  );
  const { portRoutes, routes: kernel } = objectsIn(text);
  t.same(portRoutes, []);
  t.same(
    kernel.map(({ route }) => route.hops.map(({ device }) => device)),
    [['dpdk0.kni'], [], ['back', 'dpdk0.kni'], ['eth7'], ['dpdk0.kni']],
  );
  const said = notices(text).join('\n');
  t.match(said, /no routes with table 100: the one to 198\.51\.100\.0\/24 goes to the kernel/);
  t.match(said, /no routes with type blackhole/);
  t.match(said, /no routes with several next hops/);
  t.notMatch(said, /10\.[23]\.0\.0/, 'whoever names an interface of the kernel means the kernel');
  t.end();
});

t.test('what says nothing to the data plane is told of', (t) => {
  const text = routes('198.51.100.0/24 via 192.0.2.1 src 192.0.2.100 metric 7 mtu 1400');
  t.equal(objectsIn(text).portRoutes.length, 1);
  t.match(notices(text).join(), /metric, src, mtu of the route to .* mean nothing to the data/);
  t.end();
});

t.test('rules are the kernel’s', (t) => {
  const text = file('virtual_rules {\nfrom 10.0.0.0/8 iif dpdk1 table 5\n}');
  t.match(objectsIn(text).rules, [{ rule: { inputDevice: 'back', outputDevice: null } }]);
  t.match(notices(text).join(), /virtual_rules go to the kernel/);
  t.end();
});

t.test('excluded addresses are on the port too, and on no other interface', (t) => {
  const excluded = (line: string) => file(`virtual_ipaddress_excluded {\n${line}\n}`);
  t.match(objectsIn(excluded('203.0.113.7')).addresses, [
    { device: 'dpdk0', isAdvertised: true },
    { device: 'dpdk0', isAdvertised: false },
  ]);
  t.match(complaints(excluded('203.0.113.7 dev eth0')).join(), /remove "dev eth0"/);
  t.end();
});

t.test('local addresses follow an instance', (t) => {
  const group = (...lines: string[]) =>
    file('', `local_address_group back {\n${lines.join('\n')}\n}`);
  const text = group('198.51.100.7-8 dpdk1 follow V', '198.51.100.9 dpdk1');
  t.strictSame(objectsIn(text).localAddresses, [
    { prefix: { address: '198.51.100.7', length: 32 }, device: 'dpdk1' },
    { prefix: { address: '198.51.100.8', length: 32 }, device: 'dpdk1' },
  ]);
  t.same(
    configOf(text).config.localAddressGroups[0]?.addresses.map(({ follows }) => follows),
    ['V', 'V', null],
  );
  t.same(complaints(text), []);
  t.match(
    complaints(group('198.51.100.7 dpdk1 follow W')).join(),
    /there is no vrrp_instance W; did you mean "V"/,
  );
  const inKernel = group('198.51.100.7 dpdk1 follow V').replace('dpdk_interface dpdk0', '');
  t.match(complaints(inKernel).join(), /V has no dpdk_interface: nothing can follow it/);
  const two = `${group('198.51.100.7 dpdk1 follow V')}
local_address_group more {\n198.51.100.7 dpdk1\n}`;
  t.match(complaints(two).join(), /198\.51\.100\.7 follows V where it was named first/);
  t.end();
});
