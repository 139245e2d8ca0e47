import t from 'tap';
import { checkBgpListeners } from '../../src/config/bgp-listen-checks.js';
import { complaints } from './text.js';

const bgp = (name: string, listen: string) => `bgp_instance ${name} {
local_as 64512
${listen}
allow {
203.0.113.0/24 le 32
}
neighbor 192.0.2.254 {
remote_as 65000
}
}
`;

t.type(checkBgpListeners, 'function');

t.test('each speaker has a place of its own to listen at', (t) => {
  t.same(complaints(bgp('a', 'listen 192.0.2.1') + bgp('b', 'listen 192.0.2.2')), []);
  t.same(complaints(bgp('a', '') + bgp('b', 'listen off')), []);
  const remedy = 'give each a listen ADDRESS of its own, or listen off';
  t.same(complaints(bgp('a', '') + bgp('b', '')), [
    `11:14: error: bgp_instance b and a cannot both listen on all addresses; ${remedy}`,
  ]);
  t.same(complaints(bgp('a', 'listen 192.0.2.1') + bgp('b', 'listen 192.0.2.1')), [
    `13:1: error: bgp_instance b and a cannot both listen on 192.0.2.1; ${remedy}`,
  ]);
  t.same(complaints(bgp('a', 'listen 192.0.2.1') + bgp('b', '')), [
    `11:14: error: bgp_instance b and a cannot both listen on all addresses; ${remedy}`,
  ]);
  t.end();
});
