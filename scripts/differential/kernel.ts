// The kernel's side of the differential run: a network namespace with two TUN devices between which
// nftables does what our tables do (native/differential/modes.c). tun0 is the outside.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespaces } from '../lab/namespaces.js';

export const modes = ['nat44', 'nat66', 'fnat44', 'fnat66', 'snat44', 'snat66'] as const;
export type Mode = (typeof modes)[number];

const outside = { ip: '192.0.2.10', ip6: '2001:db8:0:1::10' } as const;
const inside = { ip: '10.0.0.5', ip6: '2001:db8:0:2::5' } as const;
const server = { ip: '10.0.0.101', ip6: '2001:db8:0:2::101' } as const;
const pool = { ip: '192.0.2.20', ip6: '2001:db8:0:1::20' } as const;
const network = { ip: '10.0.0.0/24', ip6: '2001:db8:0:2::/64' } as const;

/**
 * Connection tracking forgives wrong checksums and numbers out of the window, as we do, but takes
 * up no connection in its middle.
 */
const settings = [
  'net.ipv4.ip_forward=1',
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.default.rp_filter=0',
  'net.ipv4.icmp_ratelimit=0',
  'net.ipv4.icmp_msgs_per_sec=1000000',
  'net.ipv4.icmp_msgs_burst=1000000',
  'net.ipv6.icmp.ratelimit=0',
  'net.ipv6.conf.all.disable_ipv6=0',
  'net.ipv6.conf.default.disable_ipv6=0',
  'net.ipv6.conf.all.forwarding=1',
];
const trackingSettings = [
  'net.netfilter.nf_conntrack_checksum=0',
  'net.netfilter.nf_conntrack_tcp_be_liberal=1',
  'net.netfilter.nf_conntrack_tcp_loose=0',
];

/** In order: the asking end's first packets; where they leave. */
function rulesOf(mode: Mode): { readonly prerouting: string[]; readonly postrouting: string[] } {
  const family = mode.endsWith('44') ? 'ip' : 'ip6';
  const address = family === 'ip' ? server.ip : `[${server.ip6}]`;
  const service = `${family} daddr ${outside[family]}`;
  const toServer = ['tcp', 'udp'].map((protocol) => {
    return `${service} ${protocol} dport 80 dnat ${family} to ${address}:8080`;
  });
  const asUs = `oifname tun1 snat ${family} to ${inside[family]}`;
  const insiders = `oifname tun0 ${family} saddr ${network[family]}`;
  const asPool = `${insiders} snat ${family} to ${pool[family]}`;
  if (mode.startsWith('nat')) return { prerouting: toServer, postrouting: [] };
  if (mode.startsWith('fnat')) return { prerouting: toServer, postrouting: [asUs] };
  return { prerouting: [], postrouting: [asPool] };
}

function ruleset(mode: Mode): string {
  const { prerouting, postrouting } = rulesOf(mode);
  const chain = (name: string, hook: string, rules: readonly string[]): string => {
    return `chain ${name} { type ${hook}; ${rules.map((rule) => `${rule};`).join(' ')} }\n`;
  };
  return `table inet keelson {
${chain('refuse', 'filter hook prerouting priority -150', ['ct state invalid drop'])}
${chain('before', 'nat hook prerouting priority dstnat', prerouting)}
${chain('behind', 'nat hook postrouting priority srcnat', postrouting)}
}
`;
}

/** Why there can be no such kernel here, or null. */
export function lacksOf(): string | null {
  if (process.getuid?.() !== 0) return 'needs root, for a network namespace';
  const programs = { nft: '/usr/sbin/nft', tc: '/usr/sbin/tc' };
  const missing = Object.entries(programs).find(([, path]) => !existsSync(path));
  return missing === undefined ? null : `needs the program ${missing[0]}: apt-get install nftables`;
}

/** Removed with the namespaces. */
export function addKernel(namespaces: Namespaces, mode: Mode, folder: string): void {
  namespaces.add(mode);
  namespaces.run(mode, 'sysctl', '-qw', ...settings);
  const ip = (...words: string[]): void => {
    namespaces.ip(mode, ...words);
  };
  for (const device of ['tun0', 'tun1']) {
    ip('tuntap', 'add', 'mode', 'tun', 'name', device);
    // No link-local address, so nothing that the kernel says there by itself.
    ip('link', 'set', device, 'addrgenmode', 'none');
    ip('link', 'set', device, 'up');
    // What is forwarded is there at once, and never queued for later.
    namespaces.run(mode, 'tc', 'qdisc', 'replace', 'dev', device, 'root', 'noqueue');
  }
  // So that packets are too large there which were not where they came from.
  ip('link', 'set', 'tun1', 'mtu', '1490');
  ip('address', 'add', `${outside.ip}/24`, 'dev', 'tun0');
  ip('address', 'add', `${inside.ip}/24`, 'dev', 'tun1');
  ip('route', 'add', 'default', 'dev', 'tun0');
  ip('-6', 'address', 'add', `${outside.ip6}/64`, 'dev', 'tun0', 'nodad');
  ip('-6', 'address', 'add', `${inside.ip6}/64`, 'dev', 'tun1', 'nodad');
  ip('-6', 'route', 'add', 'default', 'dev', 'tun0');
  const file = join(folder, `${mode}.nft`);
  writeFileSync(file, ruleset(mode));
  namespaces.run(mode, 'nft', '-f', file);
  namespaces.run(mode, 'sysctl', '-qw', ...trackingSettings);
}
