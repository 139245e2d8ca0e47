import t from 'tap';
import { complaints } from './text.js';

function ospf(areas: string, first = ''): string[] {
  return complaints(`ospf_instance core {
${first}
allow {
203.0.113.0/24 le 32
}
${areas}
}
`);
}

const link = (lines: string, first = '') => {
  const said = ospf(`area 0 {\ninterface eth0 {\n${lines}\n}\n}`, first);
  return said.filter((line) => !line.includes('OSPFv3 carries'));
};

t.test('an instance needs an interface', (t) => {
  t.same(ospf('area 0 {\ninterface eth0 {\n}\n}'), []);
  t.match(ospf(''), [/^1:15: warning: ospf_instance core has no interface/]);
  t.end();
});

t.test('areas and interfaces are there once', (t) => {
  const area = (id: string, name: string) => `area ${id} {\ninterface ${name} {\n}\n}\n`;
  t.same(ospf(area('0', 'eth0') + area('1', 'eth1')), []);
  t.match(ospf(area('0', 'eth0') + area('0.0.0.0', 'eth1')), [/^10:1: error: area 0.0.0.0 of/]);
  t.match(ospf(area('0', 'eth0') + area('1', 'eth0')), [/^11:1: error: interface eth0 of/]);
  t.end();
});

t.test('kinds of areas', (t) => {
  const area = (id: number, kinds: string) =>
    ospf(`area ${id} {\n${kinds}\ninterface eth0 {\n}\n}`);
  t.same(area(1, 'stub'), []);
  t.same(area(1, 'nssa'), []);
  t.match(area(1, 'stub\nnssa'), [/^8:1: error: area 0.0.0.1 is stub or nssa, not both/]);
  t.match(area(0, 'stub'), [/^7:1: error: area 0.0.0.0 is the backbone/]);
  t.match(area(0, 'nssa'), [/^7:1: error: area 0.0.0.0 is the backbone/]);
  t.end();
});

t.test('intervals', (t) => {
  t.same(link('hello_interval 1\ndead_interval 4'), []);
  t.match(link('dead_interval 10'), [
    /^8:1: error: dead_interval of eth0 must be longer than hello_interval, 10 s/,
  ]);
  t.end();
});

t.test('authentication has its keys, and nothing goes out unsigned in silence', (t) => {
  t.same(link('authentication simple\nauthentication_key secret'), []);
  t.same(link('authentication message-digest\nmessage_digest_key 1 secret'), []);
  t.same(link('authentication hmac-sha-256\nmessage_digest_key 1 secret', 'version 3'), []);
  t.same(link('authentication none'), []);
  t.match(link('authentication simple'), [/^8:1: error: .* needs a key: authentication_key/]);
  t.match(link('authentication hmac-sha-1'), [/^8:1: error: .* needs a key: message_digest_key/]);
  t.match(link('message_digest_key 1 one'), [/^8:1: warning: nothing comes of message_digest_key/]);
  t.match(link('authentication simple\nauthentication_key a\nmessage_digest_key 1 b'), [
    /^10:1: warning: nothing comes of message_digest_key with authentication simple/,
  ]);
  t.match(link('authentication message-digest\nmessage_digest_key 1 a\nmessage_digest_key 1 b'), [
    /^10:1: error: message_digest_key 1 of eth0 is defined already/,
  ]);
  t.end();
});

t.test('what only one version has', (t) => {
  t.match(link('instance_id 3'), [/^8:1: warning: OSPFv2 has no instance_id/]);
  t.same(link('instance_id 3', 'version 3'), []);
  t.match(link('authentication simple\nauthentication_key a', 'version 3'), [
    /^8:1: error: OSPFv3 has no simple authentication/,
  ]);
  t.end();
});
