import fc from 'fast-check';
import t from 'tap';
import { noRate } from '../../src/dataplane/rates.js';
import {
  countColumn,
  countersByServer,
  countersByService,
  portUseByAddress,
  shortCount,
} from '../../src/dataplane/statistics.js';
import { ipAddress } from '../../src/net/address.js';
import { noStatistics } from '../sim/dataplane.js';
import { endpointOf, tcp } from './examples.js';

t.test('numbers shorten as in ipvsadm: cut off, from 100 million on', (t) => {
  const cases: readonly [number, string][] = [
    [0, '0'],
    [99_999_999, '99999999'],
    [100_000_000, '100000K'],
    [999_999_999, '999999K'],
    [1_000_000_000, '1000M'],
    [99_999_999_999, '99999M'],
    [100_000_000_000, '100G'],
    [99_999_999_999_999, '99999G'],
    [100_000_000_000_000, '100T'],
  ];
  for (const [count, text] of cases) t.equal(shortCount(count), text);
  t.end();
});

t.test('columns are nine wide, and exact ones never touch', (t) => {
  t.equal(countColumn(12, false), '       12');
  t.equal(countColumn(123_456_789, false), '  123456K');
  t.equal(countColumn(12, true), '       12');
  t.equal(countColumn(12_345_678, true), ' 12345678');
  t.equal(countColumn(1_234_567_890, true), ' 1234567890');
  fc.assert(
    fc.property(fc.maxSafeNat(), (count) => {
      return countColumn(count, true).startsWith(' ') && countColumn(count, false).length === 9;
    }),
  );
  t.end();
});

t.test('counters are found by their object', (t) => {
  const service = tcp('192.0.2.1:80');
  const traffic = { connections: 3, inPackets: 4, outPackets: 5, inBytes: 6, outBytes: 7 };
  const endpoint = endpointOf('10.0.1.2:80');
  const misses = { exhausted: 2, noShare: 0, notHeld: 0 };
  const lip = { address: ipAddress('10.0.1.200'), used: 1, free: 10, missed: 2, missedBy: misses };
  const statistics = {
    ...noStatistics,
    services: [{ service, ...traffic, rate: noRate }],
    servers: [{ service, endpoint, active: 1, inactive: 2, ...traffic, rate: noRate }],
    localAddresses: [
      { ...lip, device: 'dpdk0' },
      { ...lip, device: 'dpdk1' },
    ],
  };
  t.match(countersByService(statistics).get('TCP 192.0.2.1 80'), traffic);
  t.match(countersByServer(statistics).get('TCP 192.0.2.1 80 10.0.1.2 80'), { active: 1 });
  t.same(portUseByAddress(statistics).get(lip.address), { used: 2, free: 20, missed: 4 });
  t.end();
});
