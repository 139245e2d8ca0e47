import t from 'tap';
import { mailServer } from '../../src/config/mail-server.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('a name or an address, and a port', (t) => {
  t.same(valueAs(mailServer, 'mail-1.example.org'), { host: 'mail-1.example.org', port: 25 });
  t.same(valueAs(mailServer, '2001:DB8::0:1 587'), { host: '2001:db8::1', port: 587 });
  t.equal(readAs(mailServer, '192.0.2.1 25').written, '192.0.2.1');
  t.end();
});

t.test('neither', (t) => {
  for (const words of ['192.0.2.256', '192.0.2', '192.0.2.1/32', 'a:b', 'a_b@c', '""']) {
    t.match(readAs(mailServer, words).complaints, [/^5: error: .* a host name or an IP address$/]);
  }
  t.match(readAs(mailServer, 'mail 0').complaints, [/^10: error: "0" is not what key takes/]);
  t.match(readAs(mailServer, '').complaints, [/^1: fatal/]);
  t.end();
});
