import t from 'tap';
import { clientEntry } from '../../src/config/address-group-table.js';
import { eventScript } from '../../src/config/event-script.js';
import { forwarding } from '../../src/config/forwarding.js';
import { hostAddress, hostEndpoint } from '../../src/config/host-address.js';
import { granularity, isNetmask } from '../../src/config/persistence-table.js';
import { trafficRange } from '../../src/config/traffic-range.js';
import { virtualServerHead } from '../../src/config/virtual-server-head.js';
import { ipAddress } from '../../src/net/address.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('a host is one address, whatever stands behind it', (t) => {
  t.equal(valueAs(hostAddress, '192.0.2.1'), '192.0.2.1');
  t.same(readAs(hostAddress, '192.0.2.1/24'), {
    value: '192.0.2.1',
    written: '192.0.2.1',
    complaints: ['5: notice: of "192.0.2.1/24" only 192.0.2.1 counts; key is one host'],
  });
  t.equal(readAs(hostAddress, '2001:db8::1-9').value, '2001:db8::1');
  t.match(readAs(hostAddress, '192.0.2.1/24-5').complaints, [/^5: error: .* an IP address$/]);
  t.match(readAs(hostAddress, 'www').complaints, [/an IP address$/]);
  t.same(valueAs(hostEndpoint, '192.0.2.1'), { address: '192.0.2.1', port: 0 });
  t.match(readAs(hostEndpoint, '192.0.2.1 65536').complaints, [/^15: error: .*0-65535$/]);
  t.end();
});

t.test('what a virtual_server is for', (t) => {
  t.same(valueAs(virtualServerHead, '2001:db8::1 80'), {
    type: 'address',
    address: '2001:db8::1',
    port: 80,
  });
  t.same(valueAs(virtualServerHead, 'fwmark 7'), { type: 'fwmark', mark: 7 });
  t.same(valueAs(virtualServerHead, 'group "a b"'), { type: 'group', name: 'a b' });
  t.equal(readAs(virtualServerHead, 'group "a b"').written, 'group "a b"');
  t.equal(readAs(virtualServerHead, 'match out').written, 'match out');
  t.match(readAs(virtualServerHead, 'fwmark 0').complaints, [/^12: error: .* 1-4294967295$/]);
  t.end();
});

t.test('forwarding: the method, and the encapsulation of a tunnel', (t) => {
  t.same(valueAs(forwarding, 'DR'), { kind: 'DR', tunnel: {} });
  t.same(valueAs(forwarding, 'TUN type gue port 6080 csum'), {
    kind: 'TUN',
    tunnel: { type: 'gue', port: 6080, csum: true },
  });
  t.equal(
    readAs(forwarding, 'TUN csum port 5 nocsum type gue').written,
    'TUN type gue port 5 nocsum',
  );
  t.equal(readAs(forwarding, 'TUN type gre nocsum csum').written, 'TUN type gre csum');
  const wrong = (words: string) => readAs(forwarding, words).complaints;
  t.same(wrong('TUN type gue'), ['9: error: key: a gue tunnel needs a port: type gue port 6080']);
  t.match(wrong('TUN type gre port 5'), [/only gue has a port$/]);
  t.match(wrong('TUN csum'), [/an ipip tunnel has no checksum; remove "csum"$/]);
  t.match(wrong('TUN type gre remcsum'), [/only gue has remcsum$/]);
  t.match(wrong('TUN type'), [/error: key is missing its argument: ipip\|gue\|gre$/]);
  t.match(wrong('nat'), [/^5: error: "nat" is not what key takes: NAT or DR or TUN/]);
  t.match(wrong('DR type gre'), [/notice: DR is no tunnel; nothing comes of what follows it$/]);
  t.end();
});

t.test('persistence_granularity: a mask for IPv4, a length for IPv6', (t) => {
  t.same(valueAs(granularity, '255.255.255.0'), { type: 'mask', mask: '255.255.255.0' });
  t.same(valueAs(granularity, '64'), { type: 'length', length: 64 });
  t.same(valueAs(granularity, '4294967040'), { type: 'mask', mask: '255.255.255.0' });
  t.same(valueAs(granularity, '0'), { type: 'mask', mask: '0.0.0.0' });
  for (const wrong of ['4294967296', '/24', 'x', '2001:db8::']) {
    t.match(readAs(granularity, wrong).complaints, [/an IPv4 netmask as 255\.255\.255\.0/], wrong);
  }
  t.equal(isNetmask(ipAddress('255.255.254.0')), true);
  t.equal(isNetmask(ipAddress('0.0.0.0')), true);
  t.equal(isNetmask(ipAddress('255.0.255.0')), false);
  t.end();
});

t.test('traffic that a service matches', (t) => {
  const same = [
    '10.2.0.1',
    '10.2.0.1-10.2.0.254',
    '10.2.0.1-10.2.0.254:1024-65535',
    '10.2.0.1:80',
    ':80-90',
    '2001:db8::1',
    '2001:db8::1-2001:db8::9',
    '[2001:db8::1-2001:db8::9]:80',
  ];
  for (const text of same) t.equal(readAs(trafficRange, text).written, text);
  t.same(valueAs(trafficRange, '10.2.0.1:80'), {
    addresses: { first: '10.2.0.1', last: '10.2.0.1' },
    ports: { first: 80, last: 80 },
  });
  const wrong = [
    'x',
    '""',
    '10.2.0.9-10.2.0.1',
    '10.2.0.1-2001:db8::1',
    '10.2.0.1-10.2.0.2-10.2.0.3',
    '10.2.0.1:90-80',
    '10.2.0.1:65536',
    '[2001:db8::1',
  ];
  for (const text of wrong) t.match(readAs(trafficRange, text).complaints, [/^5: error: /], text);
  t.end();
});

t.test('clients: addresses, ranges and sets', (t) => {
  for (const text of ['198.51.100.7', '198.51.100.10-20', '2001:db8::10-1f', 'ipset:bad_nets']) {
    t.equal(readAs(clientEntry, text).written, text);
  }
  t.same(valueAs(clientEntry, 'ipset:a'), { type: 'ipset', name: 'a' });
  for (const text of ['ipset:', `ipset:${'a'.repeat(32)}`, '198.51.100.0/24', 'x']) {
    t.match(readAs(clientEntry, text).complaints, [/or ipset:NAME with 31 characters at most$/]);
  }
  t.end();
});

t.test('an empty script of an event is none', (t) => {
  t.same(readAs(eventScript, '""').complaints, ['5: notice: key is empty; nothing is run']);
  t.same(valueAs(eventScript, '"/bin/x a" root'), {
    command: ['/bin/x', 'a'],
    user: 'root',
    group: null,
  });
  t.match(readAs(eventScript, '').complaints, [/^1: fatal: key is missing its argument/]);
  t.end();
});
