import t from 'tap';
import { complaints, configOf } from './text.js';

const instance = (name: string, number: number): string => `vrrp_instance ${name} {
interface eth0
virtual_router_id ${number}
virtual_ipaddress {
192.0.2.${number}
}
}
`;
const both = instance('A', 1) + instance('B', 2) + instance('C', 3);

t.test('members know their group', (t) => {
  const { config } = configOf(`${both}vrrp_sync_group G {\ngroup {\nA B\n}\n}\n`);
  t.match(config.syncGroups, [{ name: 'G', members: ['A', 'B'] }]);
  t.same(
    config.vrrpInstances.map(({ name, syncGroup }) => [name, syncGroup]),
    [
      ['A', 'G'],
      ['B', 'G'],
      ['C', null],
    ],
  );
  t.end();
});

t.test('an instance is in one group', (t) => {
  const text = `${both}vrrp_sync_group G {\ngroup {\nA\nB\n}\n}
vrrp_sync_group H {\ngroup {\nB\nC\n}\n}\n`;
  t.match(configOf(text).config.syncGroups, [
    { name: 'G', members: ['A', 'B'] },
    { name: 'H', members: ['C'] },
  ]);
  t.match(complaints(text).join('\n'), /B is in vrrp_sync_group G already, and not in H/);
  t.end();
});
