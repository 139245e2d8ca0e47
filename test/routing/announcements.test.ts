import t from 'tap';
import { type IpAddress, ipAddress } from '../../src/net/address.js';
import { nothingPlanned } from '../../src/routing/announcement/announced-address.js';
import { Announcements, type Drains, verdictOfView } from '../../src/routing/announcements.js';
import { edge, instance, plane, planOf, server, service, told } from './announcement/examples.js';

const vip = ipAddress('203.0.113.9');
const toEdge = 'bgp edge {\n}\nhold_down 5\ndrain_time 30';
const web = plane + edge + server('203.0.113.9 80', toEdge);

function started(text: string): Announcements {
  const announcements = new Announcements();
  announcements.configure(planOf(text));
  announcements.recordDataplane(true);
  return announcements;
}

function drains(node: boolean, ...addresses: IpAddress[]): Drains {
  return { node, addresses: new Set(addresses) };
}

t.test('nothing is announced before all is known', (t) => {
  const announcements = new Announcements();
  announcements.configure(planOf(web));
  t.same(announcements.settle(0), []);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  t.same(announcements.settle(1), [], 'the data plane is not known');
  announcements.recordDataplane(true);
  t.same(told(announcements.settle(2)), ['203.0.113.9 down > healthy', 'edge: 203.0.113.9/32']);
  t.end();
});

t.test('facts may come before the file that they are about', (t) => {
  const announcements = new Announcements();
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  announcements.recordDataplane(true);
  announcements.configure(planOf(web));
  t.equal(announcements.settle(0).length, 2);
  t.end();
});

t.test('without a live server it is withdrawn at once, and comes back after the hold-down', (t) => {
  const announcements = started(web);
  const servers = (up: number) => announcements.recordService(service('203.0.113.9 80', up, 2));
  servers(2);
  announcements.settle(0);
  servers(0);
  t.same(told(announcements.settle(1_000)), ['203.0.113.9 healthy > down', 'edge:']);
  servers(2);
  t.same(told(announcements.settle(2_000)), ['203.0.113.9 down > held']);
  t.equal(announcements.nextMs, 7_000);
  t.same(announcements.settle(6_999), []);
  t.same(told(announcements.settle(7_000)), ['203.0.113.9 held > healthy', 'edge: 203.0.113.9/32']);
  t.equal(announcements.nextMs, null);
  servers(2);
  announcements.recordDataplane(true);
  t.same(announcements.settle(8_000), [], 'no change, no output');
  t.end();
});

t.test('degraded: the MED on top of the greatest that neighbours have', (t) => {
  const text = web.replace('hold_down 5', 'hold_down 5\ndegraded_below 60\ndegraded_med 100');
  const announcements = started(text);
  const servers = (up: number) => announcements.recordService(service('203.0.113.9 80', up, 4));
  servers(3);
  t.same(told(announcements.settle(0)), ['203.0.113.9 down > healthy', 'edge: 203.0.113.9/32']);
  servers(2);
  t.match(told(announcements.settle(1)), [/healthy > degraded/, 'edge: 203.0.113.9/32 med 120']);
  servers(1);
  t.same(announcements.settle(2), []);
  servers(3);
  t.same(announcements.settle(3), []);
  t.match(told(announcements.settle(5_003)), [/degraded > healthy/, 'edge: 203.0.113.9/32']);
  const own = started(text.replace('bgp edge {\n', 'bgp edge {\nmed 7\n'));
  own.recordService(service('203.0.113.9 80', 1, 4));
  t.match(told(own.settle(0)), [/degraded/, 'edge: 203.0.113.9/32 med 107']);
  t.end();
});

t.test('a sorry server keeps it announced, as degraded', (t) => {
  const announcements = started(web.replace('hold_down 5', 'hold_down 5\ndegraded_med 9'));
  const hasSorryServer = true;
  announcements.recordService(service('203.0.113.9 80', 0, 2, { hasSorryServer }));
  t.match(told(announcements.settle(0)), [/down > degraded/, 'edge: 203.0.113.9/32 med 29']);
  t.end();
});

t.test(
  'several services of one address: the worst counts, those that say nothing have no say',
  (t) => {
    const text = web + server('203.0.113.9 443', toEdge) + server('203.0.113.9 8080', '');
    const announcements = started(text);
    announcements.recordService(service('203.0.113.9 80', 1, 1));
    announcements.recordService(service('203.0.113.9 8080', 0, 1));
    t.same(announcements.settle(0), [], 'one is not known yet');
    announcements.recordService(service('203.0.113.9 443', 1, 1));
    t.match(told(announcements.settle(1)), [/healthy/, 'edge: 203.0.113.9/32']);
    announcements.recordService(service('203.0.113.9 443', 0, 1));
    t.match(told(announcements.settle(2)), [/healthy > down/, 'edge:']);
    t.end();
  },
);

t.test('a service that a reload adds withdraws nothing before it is known', (t) => {
  const announcements = started(web);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  announcements.settle(0);
  announcements.configure(planOf(web + server('203.0.113.9 443', toEdge)));
  t.same(announcements.settle(1), []);
  announcements.recordService(service('203.0.113.9 443', 0, 1));
  t.match(told(announcements.settle(2)), [/healthy > down/, 'edge:']);
  t.end();
});

t.test('drained: last choice first, withdrawn when its time is over; back at once', (t) => {
  const announcements = started(web);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  announcements.settle(0);
  announcements.recordDrains(drains(false, vip));
  t.match(told(announcements.settle(1_000)), [
    /healthy > draining/,
    'edge: 203.0.113.9/32 med 4294967294 leaving',
  ]);
  t.equal(announcements.nextMs, 31_000);
  t.match(told(announcements.settle(31_000)), [/draining > maintenance/, 'edge:']);
  announcements.recordDrains(drains(true));
  t.same(announcements.settle(32_000), [], 'by address or by node is the same');
  t.equal(announcements.view(vip)?.drainedBy, 'node');
  announcements.recordDrains(drains(false));
  t.match(told(announcements.settle(33_000)), [/maintenance > healthy/, 'edge: 203.0.113.9/32']);
  t.end();
});

t.test('VRRP: announced where the address is', (t) => {
  const announcements = started(edge + instance('V', '203.0.113.9/24', toEdge));
  t.same(announcements.settle(0), []);
  announcements.recordMaster('V', false);
  t.same(announcements.settle(1), []);
  announcements.recordMaster('V', true);
  t.match(told(announcements.settle(2)), [/healthy/, 'edge: 203.0.113.9/32']);
  announcements.recordMaster('V', false);
  t.match(told(announcements.settle(3)), [/down/, 'edge:']);
  const both = started(web + instance('V', '203.0.113.9/24', ''));
  both.recordService(service('203.0.113.9 80', 1, 1));
  t.same(both.settle(0), [], 'quorum asks as well where the address is');
  both.recordMaster('V', true);
  t.match(told(both.settle(1)), [/healthy/, /203.0.113.9/]);
  t.end();
});

t.test('always: while the data plane is up, whatever the servers are', (t) => {
  const text = plane + edge + server('203.0.113.9 80', `${toEdge}\nwhen always`);
  const announcements = started(text);
  t.match(told(announcements.settle(0)), [/healthy/, 'edge: 203.0.113.9/32']);
  announcements.recordService(service('203.0.113.9 80', 0, 1));
  t.match(told(announcements.settle(1)), [/healthy > degraded/]);
  announcements.recordDataplane(false);
  t.match(told(announcements.settle(2)), [/degraded > down/, 'edge:']);
  announcements.recordDataplane(true);
  announcements.recordControl(false);
  t.same(announcements.settle(3), [], 'nor without the thread that decides');
  t.end();
});

t.test('the address first, then the announcement; the other way round on the way down', (t) => {
  const text = plane + edge + server('203.0.113.9 80', `${toEdge}\nkernel\nprefix_length 24`);
  const announcements = started(text);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  t.same(told(announcements.settle(0)).slice(1), ['+203.0.113.9/24 lo', 'edge: 203.0.113.0/24']);
  announcements.recordService(service('203.0.113.9 80', 0, 1));
  t.same(told(announcements.settle(1)).slice(1), ['edge:', '-203.0.113.9/24 lo']);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  announcements.settle(1);
  announcements.settle(9_000);
  t.same(told(announcements.stop()), ['edge:', '-203.0.113.9/24 lo']);
  t.same(announcements.stop(), []);
  t.end();
});

t.test('of addresses in one network the best one speaks', (t) => {
  const aggregate = `${toEdge}\nprefix_length 24`;
  const text =
    plane + edge + server('203.0.113.9 80', aggregate) + server('203.0.113.8 80', aggregate);
  const announcements = started(text);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  announcements.recordService(service('203.0.113.8 80', 1, 1));
  t.same(told(announcements.settle(0)).slice(2), ['edge: 203.0.113.0/24']);
  announcements.recordDrains(drains(false, vip));
  t.same(told(announcements.settle(1)), ['203.0.113.9 healthy > draining']);
  announcements.recordService(service('203.0.113.8 80', 0, 1));
  t.same(told(announcements.settle(2)).slice(1), ['edge: 203.0.113.0/24 med 4294967294 leaving']);
  t.end();
});

t.test('nothing outside the lists, and addresses of links never', (t) => {
  const text = plane + edge + server('198.51.100.9 80', toEdge);
  const announcements = started(text);
  announcements.recordService(service('198.51.100.9 80', 1, 1));
  t.same(told(announcements.settle(0)), ['198.51.100.9 down > healthy']);
  t.match(announcements.view(ipAddress('198.51.100.9'))?.routes, [
    { isAllowed: false, route: null },
  ]);
  const local = instance('V', 'fe80::1', toEdge).replace('fe80::1', 'fe80::1\n2001:db8:1::1');
  const link = started(edge + local);
  link.recordMaster('V', true);
  t.same(told(link.settle(0)).slice(1), ['edge: 2001:db8:1::1/128']);
  t.end();
});

t.test('OSPF: the metric says what the MED does', (t) => {
  const ospf = `ospf_instance core {
allow {
203.0.113.0/24 le 32
}
area 0 {
interface eth0 {
}
}
}
`;
  const block = 'ospf core {\nmetric_type 2\n}\ndegraded_metric 50\nhold_down 0';
  const announcements = started(plane + ospf + server('203.0.113.9 80', block));
  announcements.recordService(service('203.0.113.9 80', 2, 2));
  t.same(told(announcements.settle(0)).slice(1), ['core: 203.0.113.9/32 metric 20']);
  announcements.recordService(service('203.0.113.9 80', 1, 2));
  t.same(told(announcements.settle(1)).slice(1), ['core: 203.0.113.9/32 metric 70']);
  announcements.recordDrains(drains(true));
  t.same(told(announcements.settle(2)).slice(1), ['core: 203.0.113.9/32 metric 16777213']);
  t.end();
});

t.test('source addresses of FNAT: while the node forwards, drained or not', (t) => {
  const group = 'local_address_group lips {\n203.0.113.200-201 dpdk0\n}\n';
  const fnat = server('203.0.113.9 80', `${toEdge}\nlocal_addresses on`, 'laddr_group_name lips');
  const text = plane + edge + group + fnat.replace('lvs_method DR', 'lvs_method FNAT');
  const announcements = started(text);
  t.same(told(announcements.settle(0)).slice(2), ['edge: 203.0.113.200/32, 203.0.113.201/32']);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  announcements.recordDrains(drains(true));
  t.match(announcements.settle(1), [{ from: 'down', to: 'maintenance' }], 'no route has changed');
  announcements.recordDataplane(false);
  t.same(told(announcements.settle(2)).at(-1), 'edge:');
  t.end();
});

t.test('a reload changes what has changed', (t) => {
  const announcements = started(web);
  announcements.recordService(service('203.0.113.9 80', 1, 1));
  announcements.settle(0);
  announcements.configure(planOf(web));
  t.same(announcements.settle(1), [], 'the same file: nothing');
  announcements.configure(planOf(web.replace('bgp edge {\n', 'bgp edge {\nmed 5\n')));
  t.same(told(announcements.settle(2)), ['edge: 203.0.113.9/32 med 5']);
  const longer = web.replace('drain_time 30', 'drain_time 30\nprefix_length 25');
  announcements.configure(planOf(longer));
  t.same(told(announcements.settle(3)), ['edge: 203.0.113.0/25']);
  announcements.configure(planOf(plane + edge));
  t.same(told(announcements.settle(4)), ['edge:']);
  t.equal(announcements.view(vip), null);
  announcements.configure(nothingPlanned);
  t.same(announcements.settle(5), []);
  t.end();
});

t.test('many at once are looked at in portions, and told as one', (t) => {
  const many = Array.from({ length: 50 }, (_, host) => server(`203.0.113.${host} 80`, toEdge));
  const announcements = started(plane + edge + many.join(''));
  for (let host = 0; host < 50; host += 1) {
    announcements.recordService(service(`203.0.113.${host} 80`, 1, 1));
  }
  const counts: number[] = [];
  for (let portion = 0; !announcements.isSettled && portion < 10; portion += 1) {
    counts.push(announcements.settle(0, 20).filter(({ type }) => type === 'announce_bgp').length);
  }
  t.same(counts, [0, 0, 1]);
  t.equal(announcements.addresses().length, 50);
  t.end();
});

t.test('the view has every fact that the verdict rests on', (t) => {
  const announcements = started(web + instance('V', '203.0.113.9/24', ''));
  announcements.recordMaster('V', true);
  announcements.recordService(service('203.0.113.9 80', 0, 3));
  announcements.settle(0);
  const view = announcements.view(vip);
  t.match(view?.findings, [
    { type: 'control', verdict: 'up' },
    { type: 'dataplane', verdict: 'up' },
    { type: 'vrrp', verdict: 'up', instances: [{ name: 'V', isMaster: true }] },
    { type: 'service', verdict: 'down', fact: { serversUp: 0, serversTotal: 3 } },
  ]);
  t.equal(view && verdictOfView(view), 'down');
  t.end();
});
