import t from 'tap';
import { Baselines } from '../../src/dataplane/baselines.js';
import { endpointOf, server, service, tcp } from './examples.js';

const web = tcp('192.0.2.1:80');
const other = tcp('192.0.2.2:80');
const host = server(web, '10.0.0.2:80');

function traffic(connections: number) {
  return { connections, inPackets: 10, outPackets: 20, inBytes: 30, outBytes: 40 };
}

t.test('what was counted before is taken off, of this object alone', (t) => {
  const baselines = new Baselines();
  t.equal(baselines.ofService(web, traffic(5)).connections, 5, 'nobody has zeroed anything');
  baselines.zeroService(web, traffic(5));
  baselines.zeroServer(host, traffic(4));
  t.same(baselines.ofService(web, { ...traffic(7), outBytes: 45 }), {
    connections: 2,
    inPackets: 0,
    outPackets: 0,
    inBytes: 0,
    outBytes: 5,
  });
  t.equal(baselines.ofService(other, traffic(7)).connections, 7);
  t.equal(baselines.ofServer(host, traffic(7)).connections, 3);
  const next = { service: web, endpoint: endpointOf('10.0.0.3:80') };
  t.equal(baselines.ofServer(next, traffic(7)).connections, 7);
  t.end();
});

t.test('what is removed and made again counts from the beginning', (t) => {
  const baselines = new Baselines();
  baselines.zeroService(web, traffic(5));
  baselines.zeroServer(host, traffic(5));
  baselines.forget([{ verb: 'remove_server', server: host }]);
  t.equal(baselines.ofServer(host, traffic(6)).connections, 6);
  baselines.zeroServer(host, traffic(5));
  baselines.forget([{ verb: 'remove_service', service: service(web) }]);
  t.equal(baselines.ofServer(host, traffic(6)).connections, 6);
  t.equal(baselines.ofService(web, traffic(6)).connections, 6);
  t.end();
});
