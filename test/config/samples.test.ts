// The sample configurations that Debian's keepalived package installs: each is accepted or refused
// as `keepalived -t` does it. They are read where the package put them; none is copied here.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { askDebian, debianSkip, type Interfaces } from './debian.js';
import { verdictOf } from './verdict.js';

const folder = '/usr/share/doc/keepalived/samples';
const skip = existsSync(folder) ? false : `${folder} is not there (Debian's package keepalived)`;

type Sample = {
  /** After `keepalived.conf.`, where it starts so. */
  readonly file: string;
  readonly options?: readonly string[];
  /** With eth0 eth1 eth2 eth3 eth0.1, and with eth0 only. */
  readonly debian: { readonly [interfaces in Interfaces]: number };
  /** What is wrong with a sample that is refused, or what else a reader may ask. */
  readonly note?: string;
  readonly ours?: { readonly exit: number; readonly because: string };
};

const accepted = { all: 0, eth0: 0 };
const refused = { all: 5, eth0: 5 };
const needsInterfaces = { all: 0, eth0: 5 };

const samples: readonly Sample[] = [
  { file: 'HTTP_GET.port', debian: accepted },
  { file: 'IPv6', debian: accepted },
  { file: 'PING_CHECK', debian: accepted },
  { file: 'SMTP_CHECK', debian: accepted },
  { file: 'SSL_GET', debian: refused, note: 'state MASTER is incompatible with AH' },
  { file: 'UDP_CHECK', debian: accepted },
  { file: 'conditional_conf', debian: refused, note: 'no node is chosen: no script, no priority' },
  { file: 'conditional_conf', options: ['-i', 'high'], debian: accepted },
  { file: 'conditional_conf', options: ['-i', 'low'], debian: accepted },
  { file: 'fwmark', debian: refused, note: 'a protocol for a fwmark' },
  { file: 'inhibit', debian: accepted },
  { file: 'misc_check', debian: accepted },
  { file: 'misc_check_arg', debian: accepted },
  { file: 'quorum', debian: accepted },
  { file: 'sample', debian: accepted },
  { file: 'status_code', debian: accepted },
  { file: 'track_interface', debian: refused, note: 'a route without an interface' },
  { file: 'virtual_server_group', debian: accepted },
  { file: 'virtualhost', debian: accepted },
  { file: 'vrrp', debian: needsInterfaces },
  {
    file: 'vrrp.localcheck',
    debian: { all: 6, eth0: 5 },
    note: 'scripts without enable_script_security; a missing interface is found before them',
  },
  { file: 'vrrp.lvs_syncd', debian: refused, note: 'a sync group without group { }' },
  { file: 'vrrp.routes', debian: refused, note: 'deprecated `or` and `gw`' },
  { file: 'vrrp.rules', debian: refused, note: 'addresses with a typing error' },
  { file: 'vrrp.scripts', debian: accepted },
  { file: 'vrrp.static_ipaddress', debian: refused, note: 'a route without an interface' },
  { file: 'vrrp.sync', debian: needsInterfaces },
  { file: 'sample.misccheck.smbcheck.sh', debian: refused, note: 'a script, not a configuration' },
  { file: 'sample_notify_fifo.sh.gz', debian: refused, note: 'a compressed script' },
];

function nameOf({ file }: Sample): string {
  return /\.(sh|gz)$/.test(file) ? file : `keepalived.conf.${file}`;
}

function titleOf(sample: Sample): string {
  const note = sample.note === undefined ? '' : ` (${sample.note})`;
  return `${[nameOf(sample), ...(sample.options ?? [])].join(' ')}${note}`;
}

t.test('every sample is listed', { skip }, (t) => {
  const installed = readdirSync(folder).sort();
  t.same([...new Set(samples.map(nameOf))].sort(), installed);
  t.end();
});

t.test('our verdict on each sample', { skip }, (t) => {
  for (const sample of samples) {
    const { exitCode, lines } = verdictOf(join(folder, nameOf(sample)), sample.options);
    t.equal(exitCode, sample.ours?.exit ?? sample.debian.all, titleOf(sample), { lines });
  }
  t.end();
});

t.test("Debian's verdict is the recorded one", { skip: skip || debianSkip }, async (t) => {
  const cases = samples.flatMap((sample) =>
    (['all', 'eth0'] as const).map((interfaces) => ({ sample, interfaces })),
  );
  const answers = await askDebian(
    cases.map(({ sample, interfaces }) => {
      const path = join(folder, nameOf(sample));
      return { path, options: sample.options ?? [], interfaces };
    }),
  );
  for (const [index, { sample, interfaces }] of cases.entries()) {
    const { exitCode, output } = answers[index] ?? { exitCode: -1, output: '' };
    t.equal(exitCode, sample.debian[interfaces], `${titleOf(sample)}: ${interfaces}`, { output });
  }
});
