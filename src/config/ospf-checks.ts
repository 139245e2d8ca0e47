// What does not fit together in an ospf_instance.
import type { Position } from '../../grammar/syntax-tree.js';
import { checkAllow } from './allow-checks.js';
import type { Report } from './diagnostic.js';
import type { ValueOf } from './keywords.js';
import { Once } from './once.js';
import type { areaTable, ospfTable } from './ospf-table.js';
import type { Settings } from './settings.js';

type Ospf = {
  readonly head: string;
  readonly settings: Settings<typeof ospfTable>;
  readonly subject: { readonly position: Position };
};

type Interface = ValueOf<typeof areaTable.interface>;

const backbone = '0.0.0.0';

export function checkOspf({ head: name, settings, subject }: Ospf, report: Report): void {
  const version = settings.value('version');
  checkAllow(settings.all('allow'), version === '3' ? 'ipv6' : 'ipv4', report);
  const areas = new Once(report);
  const interfaces = new Once(report);
  let hasInterface = false;
  for (const { value: area, position } of settings.all('area')) {
    areas.see(area.head, position, `area ${area.head} of ospf_instance ${name}`);
    checkArea(area.head, area.settings, report);
    for (const { value: link, position: place } of area.settings.all('interface')) {
      hasInterface = true;
      const head = `${link.head} ${link.settings.value('instance_id')}`;
      interfaces.see(head, place, `interface ${link.head} of ospf_instance ${name}`);
      checkInterface(link, version, report);
    }
  }
  if (hasInterface) return;
  const message = `ospf_instance ${name} has no interface: area 0 { interface NAME { } }`;
  report.warning('config.ineffective', subject.position, message);
}

function checkArea(area: string, settings: Settings<typeof areaTable>, report: Report): void {
  const stub = settings.found('stub');
  const nssa = settings.found('nssa');
  const kind = stub ?? nssa;
  if (stub !== undefined && nssa !== undefined) {
    const message = `area ${area} is stub or nssa, not both; remove one`;
    report.error('config.conflict', nssa.position, message);
  } else if (kind !== undefined && area === backbone) {
    const message = `area ${area} is the backbone, which is neither stub nor nssa`;
    report.error('config.conflict', kind.position, message);
  }
}

function checkInterface(
  { head: name, settings }: Interface,
  version: string,
  report: Report,
): void {
  const helloMs = settings.value('hello_interval');
  const dead = settings.found('dead_interval');
  if (dead !== undefined && dead.value <= helloMs) {
    const hello = `hello_interval, ${helloMs / 1000} s`;
    const message = `dead_interval of ${name} must be longer than ${hello}`;
    report.error('config.bad_argument', dead.position, message);
  }
  const instance = settings.found('instance_id');
  if (version === '2' && instance !== undefined && instance.value !== 0) {
    const message = 'OSPFv2 has no instance_id; it is for version 3';
    report.warning('config.ineffective', instance.position, message);
  }
  checkAuthentication(name, settings, version, report);
}

/** What cannot be signed as it is asked for must not go out without a signature. */
function checkAuthentication(
  name: string,
  settings: Interface['settings'],
  version: string,
  report: Report,
): void {
  const found = settings.found('authentication');
  const type = settings.value('authentication');
  const isOld = type === 'simple' || type === 'message-digest';
  if (found !== undefined && version === '3' && isOld) {
    const message = `OSPFv3 has no ${type} authentication; use hmac-sha-256 (RFC 7166)`;
    report.error('config.conflict', found.position, message);
  }
  const keywords = { simple: 'authentication_key', digest: 'message_digest_key' } as const;
  const needed = type === 'none' ? null : keywords[type === 'simple' ? 'simple' : 'digest'];
  if (found !== undefined && needed !== null && !settings.has(needed)) {
    const message = `authentication ${type} of ${name} needs a key: ${needed}`;
    report.error('config.missing_keyword', found.position, message);
  }
  for (const keyword of Object.values(keywords)) {
    const key = settings.found(keyword);
    if (key === undefined || keyword === needed) continue;
    const message = `nothing comes of ${keyword} with authentication ${type}`;
    report.warning('config.ineffective', key.position, message);
  }
  const ids = new Once(report);
  for (const { value, position } of settings.all('message_digest_key')) {
    ids.see(String(value.id), position, `message_digest_key ${value.id} of ${name}`);
  }
}
