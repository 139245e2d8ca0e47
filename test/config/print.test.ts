import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { ok } from 'neverthrow';
import t from 'tap';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import { printConfig } from '../../src/config/print.js';
import { readConfig } from '../../src/config/read.js';
import { arbitraryConfig } from './arbitrary-config.js';

t.test('what is printed reads back the same, without a complaint', (t) => {
  fc.assert(
    fc.property(arbitraryConfig, (config) => {
      const printed = printConfig(config);
      const again = readConfig('f', () => ok(printed), 'another-host');
      if (again.isErr()) {
        throw new Error(`${again.error.map(formatDiagnostic).join('\n')}\n${printed}`);
      }
      deepStrictEqual(again.value, { config, warnings: [] }, printed);
      return printConfig(again.value.config) === printed;
    }),
    { numRuns: 300 },
  );
  t.pass('300 configurations');
  t.end();
});

t.test('names are quoted where a letter would have a meaning of its own', (t) => {
  const text = `dataplane { port "a#b" { device net_null
kni_name k } }
local_address_group "l {" { 10.0.0.9 "a#b" }
virtual_server_group "two words" { 10.0.0.1 80 }
virtual_server group "two words" { lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name "l {"
real_server 10.0.0.2 80 { weight 1 } }
`;
  const { config } = readConfig('f', () => ok(text), 'h')._unsafeUnwrap();
  const printed = printConfig(config);
  t.match(printed, /^virtual_server group "two words" \{$/m);
  t.match(printed, /^ {4}10\.0\.0\.9 "a#b"$/m);
  t.same(readConfig('f', () => ok(printed), 'h')._unsafeUnwrap().config, config);
  t.end();
});
