import t from 'tap';
import { configOf } from './text.js';

function checkersOf(check: string) {
  const text = `dataplane {
port a {
device net_null
}
}
local_address_group lips {
10.0.0.9 a
}
virtual_server 10.0.0.1 80 {
lb_kind FNAT
laddr_group_name lips
delay_loop 7
real_server 10.0.0.2 8080 {
${check}
}
}
`;
  return configOf(text).config.virtualServers[0]?.realServers[0]?.checkers;
}

const target = { address: '10.0.0.2', port: 8080 };

t.test('UDP_CHECK', (t) => {
  t.match(checkersOf('UDP_CHECK {\n}'), [
    { type: 'UDP_CHECK', target, payload: null, reply: null, retry: 1, connectTimeoutMs: 5000 },
  ]);
  const lines = ['payload 00 f', 'require_reply 4X', 'min_reply_length 2', 'max_reply_length 9'];
  t.match(checkersOf(`UDP_CHECK {\n${lines.join('\n')}\nbind_port 7\nretry 0\n}`), [
    {
      payload: { type: 'octets', digits: '000f' },
      reply: { pattern: { type: 'octets', digits: '4X' }, lengthMin: 2, lengthMax: 9 },
      sourcePort: 7,
      retry: 0,
    },
  ]);
  t.match(checkersOf('UDP_CHECK {\nrequire_reply\n}'), [
    { reply: { pattern: null, lengthMin: 0, lengthMax: 255 } },
  ]);
  t.match(checkersOf('UDP_CHECK {\npayload "hello?"\nrequire_reply "hello!"\n}'), [
    {
      payload: { type: 'text', text: 'hello?' },
      reply: { pattern: { type: 'text', text: 'hello!' } },
    },
  ]);
  t.end();
});

t.test('DNS_CHECK has a pace of its own', (t) => {
  t.match(checkersOf('DNS_CHECK {\n}'), [
    {
      type: 'DNS_CHECK',
      target,
      name: '.',
      recordType: 'SOA',
      retry: 3,
      delayLoopMs: 7000,
      delayBeforeRetryMs: 7000,
    },
  ]);
  t.match(checkersOf('DNS_CHECK {\ntype aaaa\nname example.test\nretry 1\n}'), [
    { name: 'example.test', recordType: 'AAAA', retry: 1 },
  ]);
  t.end();
});

t.test('kind by kind, of one kind in the order of the file', (t) => {
  const checks = ['PING_CHECK', 'UDP_CHECK', 'TCP_CHECK', 'DNS_CHECK', 'PING_CHECK'];
  const text = checks.map((name, index) => `${name} {\nretry ${index}\n}`).join('\n');
  t.match(checkersOf(text), [
    { type: 'TCP_CHECK' },
    { type: 'DNS_CHECK' },
    { type: 'UDP_CHECK' },
    { type: 'PING_CHECK', retry: 0 },
    { type: 'PING_CHECK', retry: 4 },
  ]);
  t.match(checkersOf('PING_CHECK {\n}'), [
    { type: 'PING_CHECK', target, delayBeforeRetryMs: 1000 },
  ]);
  t.end();
});
