// Who announces in `bench -- announce`: ours and others, each told by its own file to announce so
// many prefixes to one neighbour, with BFD or without.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../scripts/lab/checkout.js';
import type { Namespaces } from '../scripts/lab/namespaces.js';

export const announcerNames = ['ours', 'bird', 'exabgp'] as const;
export type AnnouncerName = (typeof announcerNames)[number];

export const routerAs = 65_000;
export const announcerAs = 65_010;

export type Setup = {
  readonly namespaces: Namespaces;
  /** The announcer's namespace. */
  readonly node: string;
  readonly folder: string;
  readonly ownAddress: string;
  readonly router: string;
  readonly prefixes: readonly string[];
  /** Interval of BFD, three of which are missed; null: none. */
  readonly bfdMs: number | null;
};

export type Announcer = {
  readonly name: AnnouncerName;
  /** Its path, or null: not installed. */
  readonly program: string | null;
  /** Returns the pid of the process that speaks. */
  readonly start: (setup: Setup) => number;
};

export const announcers: Readonly<Record<AnnouncerName, Announcer>> = {
  ours: { name: 'ours', program: command('keepalived'), start: startOurs },
  bird: { name: 'bird', program: installed('/usr/sbin/bird'), start: startBird },
  exabgp: { name: 'exabgp', program: installed('/usr/sbin/exabgp'), start: startExabgp },
};

/** Of 198.18.0.0/15, which is for benchmarks (RFC 2544): host routes. */
export function prefixList(count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => `198.18.${(index >> 8) & 255}.${index & 255}/32`,
  );
}

export function logOf(name: AnnouncerName, { folder }: Setup): string {
  const path = join(folder, `${name}.log`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

export function runtimeDirectory({ folder }: Setup): string {
  return join(folder, 'ours-run');
}

function installed(path: string): string | null {
  return existsSync(path) ? path : null;
}

function launch(name: AnnouncerName, setup: Setup, words: readonly string[]): number {
  return setup.namespaces.start(setup.node, join(setup.folder, `${name}.log`), words).pid;
}

function write(name: string, { folder }: Setup, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/**
 * No data plane: `when always` asks neither for it nor for VRRP. The instance tracks a link that is
 * not up, so that it is in FAULT, and ten thousand addresses need not be put into the kernel.
 */
function startOurs(setup: Setup): number {
  const { prefixes, router, ownAddress, bfdMs } = setup;
  const bfd = `bfd_instance upstream {
    neighbor_ip ${router}
    source_ip ${ownAddress}
    min_rx ${bfdMs}
    min_tx ${bfdMs}
    multiplier 3
}
`;
  const text = `${bfdMs === null ? '' : bfd}bgp_instance edge {
    local_as ${announcerAs}
    router_id ${ownAddress}
    listen off
    allow {
        198.18.0.0/15 ge 32 le 32
    }
    neighbor ${router} {
        remote_as ${routerAs}
        connect_retry 1
        maximum_prefix_out 100000
        ${bfdMs === null ? '' : 'bfd upstream'}
    }
}
vrrp_instance V {
    state BACKUP
    interface eth0
    virtual_router_id 1
    track_interface {
        idle
    }
    virtual_ipaddress {
        ${prefixes[0]}
    }
    virtual_ipaddress_excluded {
        ${prefixes.slice(1).join('\n        ')}
    }
    announce {
        bgp edge {
        }
        when always
    }
}
`;
  const file = write('ours.conf', setup, text);
  mkdirSync(runtimeDirectory(setup), { recursive: true, mode: 0o700 });
  const place = ['--runtime-dir', runtimeDirectory(setup)];
  return launch('ours', setup, [
    process.execPath,
    command('keepalived'),
    '-nl',
    '-f',
    file,
    ...place,
  ]);
}

function startBird(setup: Setup): number {
  const { prefixes, router, ownAddress, bfdMs } = setup;
  const bfd = `protocol bfd { interface "eth0" { interval ${bfdMs} ms; multiplier 3; }; }`;
  const text = `log stderr all;
router id ${ownAddress};
protocol device {}
${bfdMs === null ? '' : bfd}
protocol static { ipv4;
${prefixes.map((prefix) => `route ${prefix} blackhole;`).join('\n')}
}
protocol bgp upstream {
  local ${ownAddress} as ${announcerAs};
  neighbor ${router} as ${routerAs};
  hold time 9; keepalive time 3;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ${bfdMs === null ? '' : 'bfd on;'}
  ipv4 { import none; export where source = RTS_STATIC; next hop self; };
}
`;
  const file = write('bird.conf', setup, text);
  return launch('bird', setup, ['bird', '-f', '-c', file, '-s', join(setup.folder, 'bird.ctl')]);
}

function startExabgp(setup: Setup): number {
  const { prefixes, router, ownAddress } = setup;
  const text = `neighbor ${router} {
  router-id ${ownAddress};
  local-address ${ownAddress};
  local-as ${announcerAs};
  peer-as ${routerAs};
  hold-time 9;
  family { ipv4 unicast; }
  static {
${prefixes.map((prefix) => `    route ${prefix} next-hop ${ownAddress};`).join('\n')}
  }
}
`;
  const settings = ['exabgp.daemon.user=root', 'exabgp.api.cli=false', 'exabgp.log.level=ERR'];
  const file = write('exabgp.conf', setup, text);
  return launch('exabgp', setup, ['env', ...settings, 'exabgp', file]);
}
