// Groups that services refer to, and SSL: what they must hold, that they exist, and that somebody
// uses them.
import type { Position } from '../../grammar/syntax-tree.js';
import { familyOf } from '../net/address.js';
import { formatPlace, type Report } from './diagnostic.js';
import type { GroupEntry } from './group-entry.js';
import { nearest } from './nearest.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import { sslRootTable, type sslTable } from './ssl-table.js';

export function checkGroups(root: Root, report: Report): void {
  checkServerGroups(root, report);
  checkReferences(root, report);
  checkTunnels(root, report);
  checkSsl(root, report);
}

function checkServerGroups(root: Root, report: Report): void {
  const once = new Once(report);
  const used = new Set(
    root
      .all('virtual_server')
      .flatMap(({ value: { head } }) => (head.type === 'group' ? head.name : [])),
  );
  for (const { value, position } of root.all('virtual_server_group')) {
    const name = `virtual_server_group ${value.head}`;
    const entries = value.lines.map((line) => line.value);
    once.see(value.head, position, name, 'warning');
    if (entries.length === 0) {
      report.error('config.missing_argument', position, `${name} is empty and is left out`);
    } else if (isAmbiguous(entries)) {
      const message = `${name} has IPv4, IPv6 and a fwmark; write inet or inet6 behind the fwmark`;
      report.error('config.family_mix', position, message);
    } else if (!used.has(value.head)) notUsed(name, position, report);
  }
}

function isAmbiguous(entries: readonly GroupEntry[]): boolean {
  const families = new Set(
    entries.map((entry) => (entry.type === 'addresses' ? familyOf(entry.span.first) : null)),
  );
  const isOpen = entries.some((entry) => entry.type === 'fwmark' && entry.family === null);
  return isOpen && families.has('ipv4') && families.has('ipv6');
}

function notUsed(name: string, position: Position, report: Report): void {
  report.notice('config.unused', position, `no virtual_server uses ${name}`);
}

/** The groups of DPVS, each by the keyword of virtual_server that names one. */
const references = [
  ['laddr_group_name', 'local_address_group'],
  ['daddr_group_name', 'deny_address_group'],
  ['waddr_group_name', 'allow_address_group'],
] as const;

function checkReferences(root: Root, report: Report): void {
  for (const [keyword, block] of references) {
    const groups = root.all(block).map(({ value, position }) => ({ name: value.head, position }));
    const uses = root.all('virtual_server').flatMap(({ value }) => value.settings.all(keyword));
    const used = new Set(uses.map(({ value }) => value));
    const names = groups.map(({ name }) => name);
    const known = new Set(names);
    const once = new Once(report);
    for (const { name, position } of groups) {
      // The names of local_address_group are checked with those of VRRP.
      if (block !== 'local_address_group') once.see(name, position, `${block} ${name}`);
      if (!used.has(name)) notUsed(`${block} ${name}`, position, report);
    }
    for (const { value: name, position } of block === 'local_address_group' ? [] : uses) {
      if (known.has(name)) continue;
      const near = nearest(name, names);
      const hint = near === null ? '' : `; did you mean "${near}"?`;
      report.error('config.unknown_name', position, `there is no ${block} ${name}${hint}`);
    }
  }
}

function checkTunnels(root: Root, report: Report): void {
  const once = new Once(report);
  const groups = root.all('tunnel_group').map(({ value }) => value);
  for (const { value: tunnel, position } of groups.flatMap(({ settings }) =>
    settings.all('tunnel_entry'),
  )) {
    const name = `tunnel_entry ${tunnel.head}`;
    once.see(tunnel.head, position, name);
    for (const keyword of ['kind', 'remote'] as const) {
      if (tunnel.settings.has(keyword)) continue;
      report.error('config.missing_keyword', position, `${name} has no ${keyword}`);
    }
    const { settings } = tunnel;
    const [local, remote] = [settings.found('local'), settings.found('remote')];
    if (local === undefined || remote === undefined) continue;
    if (familyOf(local.value) === familyOf(remote.value)) continue;
    const message = `local ${local.value} cannot reach ${remote.value}: one is IPv4, one IPv6`;
    report.error('config.family_mix', local.position, message);
  }
}

/** Of several the last counts, but unlike elsewhere keepalived complains. */
function checkSsl(root: Root, report: Report): void {
  const blocks = root.all('SSL');
  const replaced = (name: string, all: readonly { readonly position: Position }[]): void => {
    const [first, ...more] = all;
    if (first === undefined) return;
    for (const { position } of more) {
      const message = `${name} replaces the one at ${formatPlace(first.position)}; remove one`;
      report.warning('config.repeated', position, message);
    }
  };
  replaced('SSL', blocks);
  const keywords = Object.keys(sslRootTable.SSL.inside ?? {}) as (keyof typeof sslTable)[];
  for (const { value } of blocks) {
    for (const keyword of keywords) replaced(keyword, value.all(keyword));
  }
}
