import t from 'tap';
import { countingIn } from '../../src/config/global.js';
import { configOf } from './text.js';

const blocksOf = (text: string) =>
  configOf(text)
    .root.all('global_defs')
    .map(({ value }) => value);

t.test('defaults', (t) => {
  t.same(configOf('').config.global, { routerId: 'this-host', defaultInterface: 'eth0' });
  t.end();
});

t.test('of several blocks the last value that could be read counts', (t) => {
  const text = `global_defs {
router_id a
default_interface eth1
}
global_defs {
router_id b
router_id
}
global_defs {
default_interface
}
`;
  t.same(configOf(text).config.global, { routerId: 'b', defaultInterface: 'eth1' });
  t.end();
});

t.test('of names and scripts the first', (t) => {
  const blocks = blocksOf(`global_defs {
snmp_socket a b
umask 022
}
global_defs {
snmp_socket c
umask 077
}
global_defs {
snmp_socket d
}
`);
  t.equal(countingIn(blocks, 'snmp_socket')?.value, 'c', 'the first was no address');
  t.equal(countingIn(blocks, 'umask')?.value, 0o77);
  t.equal(countingIn(blocks, 'umask')?.position.line, 7);
  t.equal(countingIn(blocks, 'vrrp_strict'), undefined);
  t.end();
});
