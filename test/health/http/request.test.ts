import t from 'tap';
import { type PageRequest, requestFor } from '../../../src/health/http/request.js';
import { ipAddress } from '../../../src/net/address.js';

function textFor(parts: Partial<PageRequest>): string {
  const target = { address: ipAddress('192.0.2.5'), port: 80 };
  const bytes = requestFor({ path: '/', host: null, target, protocol: '1.0', ...parts });
  return new TextDecoder().decode(bytes);
}

// Read off the wire of keepalived 2.2.7.
t.test('the octets are those that keepalived sends', (t) => {
  const agent = 'User-Agent: KeepAliveClient';
  t.equal(textFor({}), `GET / HTTP/1.0\r\n${agent}\r\nHost: 192.0.2.5:80\r\n\r\n`);
  t.equal(
    textFor({ protocol: '1.0C' }),
    `GET / HTTP/1.0\r\n${agent}\r\nConnection: close\r\nHost: 192.0.2.5:80\r\n\r\n`,
  );
  t.equal(
    textFor({ protocol: '1.1', host: 'www.x.org' }),
    `GET / HTTP/1.1\r\n${agent}\r\nConnection: close\r\nHost: www.x.org\r\n\r\n`,
  );
  t.end();
});

t.test('1.0K asks for the connection to stay', (t) => {
  t.match(textFor({ protocol: '1.0K' }), /^GET \/ HTTP\/1\.0\r\n.*\r\nConnection: keep-alive\r\n/);
  t.end();
});

t.test('an IPv6 address stands in brackets, with its port', (t) => {
  const target = { address: ipAddress('2001:db8::1'), port: 8081 };
  t.match(textFor({ target }), /\r\nHost: \[2001:db8::1\]:8081\r\n\r\n$/);
  t.end();
});
