// SyntaxTree x tables -> Config, or every error with its place. What relates one block to another
// is in checks.ts.
import type { Statement, Word } from '../../grammar/syntax-tree.js';
import type { Endpoint } from '../net/address.js';
import { crossCheck } from './checks.js';
import type { Config } from './config.js';
import { type DataplaneConfig, dataplaneConfig, dataplaneTable } from './dataplane.js';
import type { Report } from './diagnostic.js';
import { globalConfig, globalTable } from './global.js';
import {
  block,
  blockOf,
  type Decoded,
  decodeTable,
  describe,
  type Found,
  hasNoBlock,
  type Keyword,
  type Table,
  warnExtraWords,
} from './keywords.js';
import {
  type LocalAddressGroup,
  localAddressGroupDocumentation,
  readLocalAddresses,
} from './local-address-group.js';
import { staticAddressKeyword } from './static-address.js';
import {
  endpointOf,
  readVirtualServer,
  type VirtualServer,
  type VirtualServerGroup,
  virtualServer,
} from './virtual-server.js';
import { vrrpInstance, vrrpTable } from './vrrp.js';

/** A block of the root that has a name; `name.position` is where messages point. */
export type Named<T> = { readonly name: Word; readonly value: T };

export const rootTable = {
  global_defs: block('Settings of the whole node.', globalTable),
  dataplane: block("The packet path's ports, workers, addresses and routes.", dataplaneTable),
  static_ipaddress: staticAddressKeyword,
  local_address_group: named(localAddressGroupDocumentation, (statements, name, report) =>
    localAddressGroup(statements, name, report),
  ),
  vrrp_instance: named('A virtual router (VRRP).', (statements, name, report) =>
    vrrpInstance(name, decodeTable(vrrpTable, statements, 'vrrp_instance', report), report),
  ),
  virtual_server_group: named('Endpoints that share a virtual_server: ADDRESS PORT.', readGroup),
  virtual_server: describe(
    'A service and its real servers: virtual_server ADDRESS PORT | group NAME { … }.',
    'ADDRESS PORT | group NAME { … }',
    readVirtualServer,
  ),
} satisfies Table;

export type DecodedRoot = Decoded<typeof rootTable>;

/** undefined after errors, which `report` has. */
export function decode(
  tree: readonly Statement[],
  routerIdDefault: string,
  report: Report,
): Config | undefined {
  const root = decodeTable(rootTable, tree, 'the root of the file', report);
  const groups = root.virtual_server_group.map(({ value }) => value.value);
  const config: Config = {
    global: globalConfig(values(root.global_defs), routerIdDefault),
    dataplane: dataplaneOf(root, report),
    staticAddresses: root.static_ipaddress.flatMap(({ value }) => values(value)),
    localAddressGroups: root.local_address_group.map(({ value }) => value.value),
    vrrpInstances: root.vrrp_instance.map(({ value }) => value.value),
    virtualServerGroups: groups,
    virtualServers: virtualServersOf(root, groups, report),
  };
  crossCheck(root, config, report);
  return report.hasErrors ? undefined : config;
}

function values<T>(found: readonly Found<T>[]): readonly T[] {
  return found.map(({ value }) => value);
}

/** keyword NAME { … } */
function named<T>(
  documentation: string,
  read: (statements: readonly Statement[], name: Word, report: Report) => T | undefined,
): Keyword<Named<T>> {
  return describe(documentation, 'NAME { … }', (statement, report) => {
    const { keyword, arguments: words } = statement;
    const [name] = words;
    if (name === undefined) {
      const message = `${keyword.text} needs a name: ${keyword.text} NAME { … }`;
      report.error('config.missing_argument', keyword.position, message);
      return undefined;
    }
    const statements = blockOf(statement, report, 1);
    const value = statements && read(statements, name, report);
    return value === undefined ? undefined : { name, value };
  });
}

function localAddressGroup(
  statements: readonly Statement[],
  name: Word,
  report: Report,
): LocalAddressGroup {
  const addresses = statements.flatMap((line) => {
    if (!hasNoBlock(line, report)) return [];
    return readLocalAddresses([line.keyword, ...line.arguments], report) ?? [];
  });
  return { name: name.text, addresses };
}

function readGroup(
  statements: readonly Statement[],
  name: Word,
  report: Report,
): VirtualServerGroup {
  const endpoints = statements.flatMap((line) => {
    if (!hasNoBlock(line, report)) return [];
    warnExtraWords(line, 1, report);
    const words = [line.keyword, ...line.arguments];
    return endpointOf(words, { ...line.keyword, text: 'virtual_server_group' }, report) ?? [];
  });
  return { name: name.text, endpoints };
}

function dataplaneOf(root: DecodedRoot, report: Report): DataplaneConfig | null {
  const [first, ...more] = root.dataplane;
  if (first === undefined) return null;
  for (const { position } of more) {
    const message = 'there is one dataplane block already; put everything into it';
    report.error('config.duplicate', position, message);
  }
  return dataplaneConfig(first.value, report);
}

function virtualServersOf(
  root: DecodedRoot,
  groups: readonly VirtualServerGroup[],
  report: Report,
): readonly VirtualServer[] {
  const endpointsOf = new Map(groups.map(({ name, endpoints }) => [name, endpoints]));
  return root.virtual_server.flatMap(({ value: written }) => {
    const endpoints: readonly Endpoint[] | undefined =
      written.endpoint === null ? endpointsOf.get(written.group ?? '') : [written.endpoint];
    if (endpoints === undefined) {
      const message = `there is no virtual_server_group ${written.group}`;
      report.error('config.unknown_name', written.position, message);
    }
    const server: VirtualServer | undefined = virtualServer(written, endpoints ?? [], report);
    return server ?? [];
  });
}
