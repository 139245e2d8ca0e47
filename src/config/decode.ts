// SyntaxTree x tables -> what the file says (Root), and of that what the product acts on (Config).
// What relates one block to another is in checks.ts.
import type { Statement } from '../../grammar/syntax-tree.js';
import { familyOf } from '../net/address.js';
import type { ConfigFiles } from '../ports/config-files.js';
import { bfdInstances } from './bfd-instances.js';
import { bgpInstances } from './bgp-instance.js';
import { crossCheck } from './checks.js';
import type { Config } from './config.js';
import { type DataplaneConfig, dataplaneConfig } from './dataplane.js';
import { lvsTimeouts, type WrittenTimeouts } from './dataplane-settings.js';
import type { Report } from './diagnostic.js';
import { garpRates } from './garp.js';
import { countingIn, type GlobalBlocks, globalConfig } from './global.js';
import { defaultNameFolders, KernelNames } from './kernel-names.js';
import { firewallConfig, staticObjects } from './kernel-objects.js';
import { decodeTable } from './keywords.js';
import { localAddressGroup, withFollowers } from './local-address-group.js';
import { globalNotification } from './notification.js';
import { operationsConfig } from './operations.js';
import { ospfInstances } from './ospf.js';
import { type Root, rootTable } from './root-table.js';
import { checkerMails } from './service-notification.js';
import { tlsIdentity } from './ssl-table.js';
import { syncGroups } from './sync-group.js';
import { fileWeights, trackedByInstance, trackingConfig } from './tracking.js';
import { type VirtualServer, virtualServer, virtualServerGroup } from './virtual-server.js';
import { vrrpInstance } from './vrrp.js';
import type { LinkSurroundings } from './vrrp-links.js';

export type DecodeDefaults = {
  readonly routerId: string;
  /** Where the kernel's numbers have names; without: those that every machine knows. */
  readonly files?: ConfigFiles;
};

export type DecodedConfig = {
  /** Everything that the file says. */
  readonly root: Root;
  /** What is acted on of it, with every default filled in. */
  readonly config: Config;
};

/** What is wrong is left out, and `report` has it. */
export function decode(
  tree: Iterable<Statement>,
  defaults: DecodeDefaults,
  report: Report,
): DecodedConfig {
  const root = decodeTable(rootTable, tree, 'the root of the file', report);
  const config = configOf(root, defaults, report);
  crossCheck(root, config, report);
  return { root, config };
}

function configOf(root: Root, defaults: DecodeDefaults, report: Report): Config {
  const globals = root.all('global_defs').map(({ value }) => value);
  const global = globalConfig(globals, defaults.routerId);
  const dataplane = dataplaneOf(root, lvsTimeouts(globals), report);
  const links = linkSurroundings(globals, dataplane, defaults.files ?? null);
  const localAddressGroups = root
    .all('local_address_group')
    .map(({ value }) => localAddressGroup(value));
  const instances = bfdInstances(root);
  const virtualServerGroups = root
    .all('virtual_server_group')
    .map(({ value }) => virtualServerGroup(value));
  const surroundings = {
    // Of groups of one name the first counts.
    groups: new Map(virtualServerGroups.toReversed().map((group) => [group.name, group])),
    localAddressGroups: new Map(
      localAddressGroups
        .toReversed()
        .map(({ name, addresses }) => [
          name,
          new Set(addresses.map(({ address }) => familyOf(address))),
        ]),
    ),
    hasDataplane: dataplane !== null,
    checks: {
      logsAllFailures: countingIn(globals, 'checker_log_all_failures')?.value ?? false,
      tlsIdentity: tlsIdentity(root),
      fileWeights: fileWeights(root),
      bfdNames: new Set(instances.map(({ name }) => name)),
    },
    mails: checkerMails(globals),
  };
  const tracked = trackedByInstance(root, report);
  const virtualServers = root
    .all('virtual_server')
    .flatMap(({ value }) => virtualServer(value, surroundings, report) ?? []);
  const groups = syncGroups(root, globals, report);
  const groupOf = new Map(groups.flatMap(({ name, members }) => members.map((one) => [one, name])));
  return {
    global,
    operations: operationsConfig(root, globals),
    dataplane,
    staticObjects: staticObjects(root, links.names, global.defaultInterface, report),
    firewall: firewallConfig(globals, report),
    localAddressGroups,
    syncGroups: groups,
    vrrpInstances: root
      .all('vrrp_instance')
      .flatMap(({ value }) => {
        const things = tracked.get(value.head) ?? [];
        const files = defaults.files ?? null;
        return vrrpInstance(value, { globals, tracking: things, links, files }, report) ?? [];
      })
      .map((instance) => ({
        ...withFollowers(instance, localAddressGroups),
        syncGroup: groupOf.get(instance.name) ?? null,
      })),
    garpRates: garpRates(root, globals),
    tracking: trackingConfig(root, [...tracked.values(), filesOfChecks(virtualServers)]),
    notification: globalNotification(globals),
    virtualServerGroups,
    virtualServers,
    bgpInstances: bgpInstances(root),
    ospfInstances: ospfInstances(root),
    bfdInstances: instances,
  };
}

function filesOfChecks(virtualServers: readonly VirtualServer[]) {
  const checkers = virtualServers.flatMap(({ realServers }) =>
    realServers.flatMap((server) => server.checkers),
  );
  return checkers.flatMap((checker) =>
    checker.type === 'FILE_CHECK' ? [{ kind: 'file' as const, name: checker.name }] : [],
  );
}

function linkSurroundings(
  globals: GlobalBlocks,
  dataplane: DataplaneConfig | null,
  files: ConfigFiles | null,
): LinkSurroundings {
  const { usr, etc } = defaultNameFolders;
  const folders = [
    countingIn(globals, 'iproute_usr_dir')?.value ?? usr,
    countingIn(globals, 'iproute_etc_dir')?.value ?? etc,
  ];
  const prefix = countingIn(globals, 'vmac_prefix')?.value ?? 'vrrp';
  return {
    names: new KernelNames(files, folders),
    taken: new Set(),
    prefix,
    addressPrefix: countingIn(globals, 'vmac_addr_prefix')?.value ?? prefix,
    companions: new Map(dataplane?.ports.map(({ name, kniName }) => [name, kniName])),
  };
}

function dataplaneOf(root: Root, lvs: WrittenTimeouts, report: Report): DataplaneConfig | null {
  const [first, ...more] = root.all('dataplane');
  if (first === undefined) return null;
  for (const { position } of more) {
    const message = 'there is one dataplane block already; put everything into it';
    report.error('config.duplicate', position, message);
  }
  return dataplaneConfig(first.value, lvs, report);
}
