// A dpvs.conf with every item decodes to canonical text that reads back the same, and the example
// in conf/ has nothing that is without a meaning. `npm run golden` rewrites the expectation.
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { formatDiagnostic } from '../../../src/config/diagnostic.js';
import { type DpvsConfRead, readDpvsConf } from '../../../src/config/dpvs-conf/read.js';
import { type DpvsRoot, dpvsConfTable } from '../../../src/config/dpvs-conf/table.js';
import { type KeywordNode, keywordTree } from '../../../src/config/keyword-tree.js';
import { printConfig } from '../../../src/config/print.js';
import { walk } from '../../../src/config/walk.js';
import { HostConfigFiles } from '../../../src/host/config-files.js';
import { settingsDefaults } from '../../../src/net/settings.js';
import { loadSettings } from '../text.js';
import { dpvsComplaints, dpvsConfOf } from './text.js';

const folder = 'test/golden/dpvs-conf';

function read(path: string): DpvsConfRead {
  return readDpvsConf(path, new HostConfigFiles(), loadSettings)._unsafeUnwrap();
}

/** "netif_defs device mtu" */
function written(root: DpvsRoot): ReadonlySet<string> {
  return new Set(
    Array.from(
      walk(root, () => true),
      ({ path, name }) => [...path, name].join(' '),
    ),
  );
}

function all(nodes: readonly KeywordNode[], path: readonly string[] = []): readonly string[] {
  return nodes.flatMap(({ name, inside }) => [
    [...path, name].join(' '),
    ...all(inside ?? [], [...path, name]),
  ]);
}

/** What is said of a block is not said of what is inside. */
function replacedIn(nodes: readonly KeywordNode[], where: string): readonly string[] {
  return nodes.flatMap(({ name, inside, replacement }) =>
    replacement === null
      ? replacedIn(inside ?? [], name)
      : [`"${where} ${name}" has no meaning here: ${replacement.replace(/\.$/, '')}`],
  );
}

t.test('every item', (t) => {
  const { root, conf, diagnostics } = read(`${folder}/every-item.conf`);
  const wrong = diagnostics.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  t.same(wrong.map(formatDiagnostic), []);
  const printed = printConfig(root);
  const expected = `${folder}/every-item.ok`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, printed);
  t.equal(printed, readFileSync(expected, 'utf8'));
  const again = dpvsConfOf(printed);
  t.same(again.conf, conf, 'what was printed reads back the same');
  t.same(dpvsComplaints(again, 'error'), []);
  t.equal(printConfig(again.root), printed);
  const there = written(root);
  t.same(
    all(keywordTree(dpvsConfTable)).filter((place) => !there.has(place)),
    [],
  );
  t.end();
});

t.test('what has no meaning is warned of once, with what takes its place', (t) => {
  const { diagnostics } = read(`${folder}/every-item.conf`);
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  t.same(new Set(warnings.map(({ code }) => code)), new Set(['config.replaced']));
  const replaced = replacedIn(keywordTree(dpvsConfTable), '');
  t.ok(replaced.length >= 30);
  for (const message of replaced) {
    t.equal(warnings.filter((one) => one.message === message).length, 1, message);
  }
  t.equal(warnings.length, replaced.length + 1, 'and the worker of type kni');
  t.end();
});

t.test('the example', (t) => {
  const { conf, diagnostics } = read('conf/dpvs.conf');
  t.same(diagnostics.map(formatDiagnostic), []);
  t.same(conf, {
    workerCpuIds: [1, 2],
    workers: 2,
    connectionsMax: 1_048_576,
    packetBuffers: 262_143,
    ports: [
      { name: 'dpdk0', mtuBytes: 1500, kniName: 'dpdk0.kni' },
      { name: 'dpdk1', mtuBytes: 1500, kniName: 'dpdk1.kni' },
    ],
    settings: settingsDefaults,
  });
  t.end();
});
