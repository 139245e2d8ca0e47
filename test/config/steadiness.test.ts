import t from 'tap';
import { complaints, configOf } from './text.js';

const text = (service: string, server: string) => `dataplane {
port a {
device net_null
}
}
local_address_group lips {
10.0.0.9 a
}
virtual_server 10.0.0.1 80 {
lb_algo rr
protocol TCP
lb_kind FNAT
laddr_group_name lips
${service}
real_server 10.0.0.2 80 {
${server}
}
}
`;

function serverOf(service: string, server: string) {
  return configOf(text(service, server)).config.virtualServers[0]?.realServers[0];
}

t.test('slow_start and flap_damping: of the server, else of its service, else none', (t) => {
  t.match(serverOf('', ''), { slowStartMs: 0, flapDamping: null });
  const service = 'slow_start 30\nflap_damping 5 60 120.5';
  const flapDamping = { count: 5, windowMs: 60_000, holdMs: 120_500 };
  t.match(serverOf(service, ''), { slowStartMs: 30_000, flapDamping });
  t.match(serverOf(service, 'slow_start 0\nflap_damping off'), {
    slowStartMs: 0,
    flapDamping: null,
  });
  t.match(serverOf('', service), { slowStartMs: 30_000, flapDamping });
  t.end();
});

t.test('what cannot be is said', (t) => {
  for (const line of ['flap_damping 1 60 60', 'flap_damping 5 60', 'slow_start -1']) {
    t.equal(complaints(text(line, '')).length, 1, line);
  }
  t.end();
});
