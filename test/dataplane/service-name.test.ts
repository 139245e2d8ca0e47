import t from 'tap';
import { matchArgument, matchText, serviceName } from '../../src/dataplane/service-name.js';
import type { MatchKey } from '../../src/dataplane/state.js';
import { ipAddress } from '../../src/net/address.js';
import { outbound, tcp, udp } from './examples.js';

t.test('services by their address', (t) => {
  t.equal(serviceName(tcp('192.0.2.1:80')), 'TCP 192.0.2.1:80');
  t.equal(serviceName(udp('2001:db8::1:53')), 'UDP [2001:db8::1]:53');
  t.end();
});

t.test('services by match, as DPVS lists them and as ipvsadm takes them', (t) => {
  const one = outbound();
  t.equal(serviceName(one), 'MATCH tcp,from=10.2.0.1-10.2.0.254:0-0,oif=dpdk1');
  t.equal(matchArgument(one), 'proto=tcp,src-range=10.2.0.1-10.2.0.254:0-0,oif=dpdk1');
  const address = ipAddress('2001:db8::1');
  const six: MatchKey = {
    protocol: 'ICMPV6',
    match: {
      family: 'ipv6',
      source: { addresses: null, ports: { first: 1, last: 9 } },
      destination: { addresses: { first: address, last: address }, ports: null },
      inDevice: 'dpdk0',
      outDevice: null,
    },
  };
  t.equal(matchText(six), 'icmpv6,from=:1-9,to=[2001:db8::1-2001:db8::1]:0-0,iif=dpdk0');
  const any = { ...six.match, source: null, destination: null };
  t.equal(matchText({ ...six, match: any }), 'icmpv6,iif=dpdk0,af=ipv6');
  t.end();
});
