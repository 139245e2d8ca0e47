import t from 'tap';
import { printedLines } from '../../src/config/printed.js';
import { complaints, configOf } from './text.js';

/** A line of the block as it is printed, or what is wrong with it. */
function printed(block: 'static_routes' | 'static_rules', line: string): string {
  const text = `${block} {\n${line}\n}\n`;
  const wrong = complaints(text);
  if (wrong.length > 0) return wrong.join('\n');
  return (configOf(text).root.print().flatMap(printedLines)[1] ?? '').trim();
}

t.test('routes in the words of iproute2', (t) => {
  const route = (line: string) => printed('static_routes', line);
  t.equal(route('default via 192.0.2.1 no_track'), 'default via 192.0.2.1 no_track');
  t.match(route('default via 192.0.2.1'), /warning: a route without an interface is not watched/);
  t.equal(
    route('src 192.0.2.9 to 10.0.0.0/8 gw 192.0.2.1 oif eth0'),
    '10.0.0.0/8 via 192.0.2.1 dev eth0 src 192.0.2.9',
  );
  t.equal(route('inet blackhole 10.0.0.0/8 no_track'), 'inet blackhole 10.0.0.0/8 no_track');
  t.equal(
    route('10.0.0.0/8 no_track nexthop via 192.0.2.1 weight 2 nexthop via 192.0.2.2 dev eth0'),
    '10.0.0.0/8 no_track nexthop via 192.0.2.1 weight 2 nexthop via 192.0.2.2 dev eth0',
  );
  t.equal(route('10.0.0.0/8 mtu lock 1400 dev eth0'), '10.0.0.0/8 dev eth0 mtu lock 1400');
  t.match(route('10.0.0.0/8 via 192.0.2.1 or via 192.0.2.2'), /warning: "or" is an obsolete/);
  t.match(route('10.0.0.0/8 foo 5'), /error: "foo" is not known behind a route/);
  t.match(route('10.0.0.0/33'), /error: "10.0.0.0\/33" is not what static_routes takes/);
  t.match(route('via 192.0.2.1'), /missing its argument: a destination/);
  t.match(route('10.0.0.0/8 nexthop 5'), /"5" is not what static_routes takes: nexthop via/);
  t.match(route('10.0.0.0/8 encap mpls'), /missing its argument: encap mpls/);
  t.end();
});

t.test('rules in the words of iproute2', (t) => {
  const rule = (line: string) => printed('static_rules', line);
  t.equal(
    rule('from all lookup main priority 5 dev eth0'),
    'from all iif eth0 table main preference 5',
  );
  t.equal(rule('sport 1-9 preference 1 nop'), 'preference 1 sport 1-9 nop');
  t.match(rule('from 10.0.0.0/8 table 5'), /^2:1: warning: a rule without a preference/);
  t.match(rule('sport 9-1 preference 1'), /"9-1" is not what static_rules takes/);
  t.match(rule('form 10.0.0.0/8 preference 1'), /did you mean "from"/);
  t.end();
});
