import t from 'tap';
import { type Edit, edits } from '../../src/config/edits.js';
import type { Printed } from '../../src/config/printed.js';
import { configOf } from './text.js';

function between(before: string, after: string): readonly Edit[] {
  return edits(configOf(before).root.print(), configOf(after).root.print());
}

const line = (...words: readonly string[]): Printed => ({ words, block: null });

const instance = (lines: string) => `vrrp_instance V {
interface eth0
virtual_router_id 5
virtual_ipaddress {
192.0.2.1
}
${lines}
}
`;

t.test('files that say the same have no edits, in whatever order and spelling', (t) => {
  t.same(
    between(instance('priority 5\nnopreempt'), instance('nopreempt  # no\npriority 7\npriority 5')),
    [],
  );
  const other = instance('').replace('V {', 'W {').replace('5', '6').replace('.1', '.2');
  t.same(between(instance('') + other, other + instance('')), []);
  t.end();
});

t.test('what is added, removed and changed is named in its block', (t) => {
  const before = instance('priority 5\ngarp_master_delay 1');
  const after = instance('priority 7\nnopreempt').replace('192.0.2.1', '192.0.2.2\n192.0.2.3');
  t.same(between(before, after), [
    {
      type: 'inside',
      words: ['vrrp_instance', 'V'],
      edits: [
        { type: 'removed', statement: line('garp_master_delay', '1') },
        { type: 'changed', from: line('priority', '5'), to: line('priority', '7') },
        {
          type: 'inside',
          words: ['virtual_ipaddress'],
          edits: [
            { type: 'removed', statement: line('192.0.2.1/32') },
            { type: 'added', statement: line('192.0.2.2/32') },
            { type: 'added', statement: line('192.0.2.3/32') },
          ],
        },
        { type: 'added', statement: line('nopreempt') },
      ],
    },
  ]);
  t.end();
});

t.test('blocks are known by their heads', (t) => {
  const server = (port: number, weight: number) =>
    `real_server 10.0.0.1 ${port} {\nweight ${weight}\n}\n`;
  const service = (servers: string) => `virtual_server 192.0.2.1 80 {\nlb_algo rr\n${servers}}\n`;
  const changed = between(
    service(server(1, 1) + server(2, 1)),
    service(server(2, 9) + server(3, 1)),
  );
  t.match(changed, [
    {
      edits: [
        { type: 'removed', statement: { words: ['real_server', '10.0.0.1', '1'] } },
        { type: 'inside', words: ['real_server', '10.0.0.1', '2'], edits: [{ type: 'changed' }] },
        { type: 'added', statement: { words: ['real_server', '10.0.0.1', '3'] } },
      ],
    },
  ]);
  t.match(between('', instance('')), [{ type: 'added' }]);
  t.match(between(instance(''), ''), [{ type: 'removed' }]);
  t.end();
});

t.test('equal blocks are counted', (t) => {
  const server = (checks: string) =>
    `virtual_server 192.0.2.1 80 {\nlb_algo rr\nreal_server 10.0.0.1 1 {\n${checks}}\n}\n`;
  const one = 'TCP_CHECK {\nretry 1\n}\n';
  const found = between(server(one), server(one + one));
  t.match(found, [
    { edits: [{ edits: [{ type: 'added', statement: { words: ['TCP_CHECK'] } }] }] },
  ]);
  t.end();
});
