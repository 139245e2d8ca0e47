// Every line gets the verdict that Debian's keepalived gives it, which is checked where that is
// installed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { globalTable } from '../../src/config/global-table.js';
import type { Keyword, Table, WithFallback } from '../../src/config/keywords.js';
import { check } from '../../src/daemon/read-config.js';
import { askDebian, debianSkip } from './debian.js';
import { judgedByDebian, judgedOtherwise } from './global-lines.js';
import { configOf, readText } from './text.js';

t.test('our verdict is that of Debian', (t) => {
  for (const { text, exitCode } of judgedByDebian) {
    const { testExitCode, lines } = check(readText(text));
    t.equal(testExitCode, exitCode, JSON.stringify(text), { lines });
  }
  for (const { text, exitCode, ours, because } of judgedOtherwise) {
    const name = `${JSON.stringify(text)}: ${because}`;
    t.equal(check(readText(text)).testExitCode, ours, name);
    t.not(ours, exitCode, name);
  }
  t.end();
});

t.test("Debian's verdict is the recorded one", { skip: debianSkip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-globals-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const rows = [...judgedByDebian, ...judgedOtherwise];
  const questions = rows.map(({ text }, index) => {
    const path = join(folder, `${index}.conf`);
    writeFileSync(path, text);
    return { path, options: [], interfaces: 'all' as const };
  });
  const answers = await askDebian(questions);
  for (const [index, { text, exitCode }] of rows.entries()) {
    const { exitCode: actual, output } = answers[index] ?? { exitCode: -1, output: '' };
    t.equal(actual, exitCode, JSON.stringify(text), { output });
  }
});

t.test('every default can be written and reads back as itself', (t) => {
  const all = Object.entries(globalTable as Table) as readonly (readonly [
    string,
    Keyword<unknown> & Partial<WithFallback<unknown>>,
  ])[];
  const written = all.flatMap(([name, keyword]) => {
    const { fallback } = keyword;
    if (fallback === undefined || keyword.shape === '') return [];
    return [{ name, fallback, words: keyword.write(name, fallback).words }];
  });
  t.ok(written.length > 40);
  const lines = written.map(({ words }) => words.join(' '));
  const { root, diagnostics } = configOf(`global_defs {\n${lines.join('\n')}\n}\n`);
  t.same(
    diagnostics.filter(({ severity }) => severity !== 'notice'),
    [],
  );
  const block = root.all('global_defs')[0]?.value;
  for (const { name, fallback } of written) {
    t.same(block?.value(name as keyof typeof globalTable), fallback, name);
  }
  t.end();
});

t.test('values as the daemon gets them', (t) => {
  const { root } = configOf(`global_defs {
smtp_server mail.example 2525
umask IRUSR|IWGRP
vrrp_rx_bufs_policy mtu
vrrp_garp_extra_if 5 all
vrrp_vmac_garp_intvl 7
lvs_sync_daemon eth0 V id 5
notify_fifo /run/fifo root
startup_script "/bin/x 'a b'" root wheel
lvs_process_name c
smtp_connect_timeout 7
vrrp_rt_priority 500
}
`);
  const block = root.all('global_defs')[0]?.value;
  t.same(block?.value('smtp_server'), { host: 'mail.example', port: 2525 });
  t.equal(block?.value('umask'), 0o420);
  t.equal(block?.value('vrrp_rx_bufs_policy'), 'MTU');
  t.same(block?.value('vrrp_garp_extra_if'), { intervalMs: 7000, isOnAll: false });
  t.same(block?.value('lvs_sync_daemon'), { interface: 'eth0', options: { inst: 'V', id: 5 } });
  t.same(block?.value('notify_fifo'), { path: '/run/fifo', owner: { user: 'root', group: null } });
  t.same(block?.value('startup_script'), {
    command: ['/bin/x', 'a b'],
    user: 'root',
    group: 'wheel',
  });
  t.equal(block?.value('checker_process_name'), 'c');
  t.equal(block?.value('smtp_connect_timeout'), 7000);
  t.equal(block?.value('vrrp_rt_priority'), 99);
  t.end();
});
