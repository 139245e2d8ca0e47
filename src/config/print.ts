// Config -> canonical text: every default written out, one statement a line. Reading it back gives
// the same Config.
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { TcpCheck } from './checker.js';
import type { Config } from './config.js';
import type { DataplaneConfig, DataplanePort } from './dataplane.js';
import type { RealServer, VirtualServer } from './virtual-server.js';
import type { VrrpInstance } from './vrrp.js';

type Lines = readonly string[];
type Placed = { readonly prefix: Prefix; readonly device: string };

export function printConfig(config: Config): string {
  const blocks: readonly Lines[] = [
    braced('global_defs', [`router_id ${quoted(config.global.routerId)}`]),
    ...(config.dataplane === null ? [] : [dataplaneLines(config.dataplane)]),
    ...unlessEmpty('static_ipaddress', config.staticAddresses.map(addressLine)),
    ...config.localAddressGroups.map(({ name, addresses }) =>
      braced(
        `local_address_group ${quoted(name)}`,
        addresses.map(({ address, device }) => `${address} ${quoted(device)}`),
      ),
    ),
    ...config.vrrpInstances.map(vrrpLines),
    ...config.virtualServerGroups.map(({ name, endpoints }) =>
      braced(
        `virtual_server_group ${quoted(name)}`,
        endpoints.map(({ address, port }) => `${address} ${port}`),
      ),
    ),
    ...config.virtualServers.map(virtualServerLines),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function braced(head: string, body: Lines): Lines {
  return [`${head} {`, ...body.map((line) => `    ${line}`), '}'];
}

function unlessEmpty(head: string, body: Lines): readonly Lines[] {
  return body.length === 0 ? [] : [braced(head, body)];
}

/** A word as it must be written to be read back: quotes where a letter has a meaning of its own. */
function quoted(text: string): string {
  return /^[^\s{}"#!\\]+$/.test(text) ? text : `"${text}"`;
}

function seconds(ms: number): string {
  return String(Math.round(ms * 1e3) / 1e6);
}

function addressLine({ prefix, device }: Placed): string {
  return `${formatPrefix(prefix)} dev ${quoted(device)}`;
}

function dataplaneLines(config: DataplaneConfig): Lines {
  return braced('dataplane', [
    `workers ${config.workers}`,
    ...(config.workerCpus.length > 0 ? [`worker_cpus ${config.workerCpus.join(' ')}`] : []),
    `poll ${config.poll}`,
    `connections ${config.connectionsMax}`,
    `packet_buffers ${config.packetBuffers}`,
    `hugepages ${config.hugepages}`,
    ...config.ports.flatMap(portLines),
    ...unlessEmpty('addresses', config.addresses.map(addressLine)).flat(),
    ...unlessEmpty(
      'routes',
      config.routes.map(({ destination, gateway, device }) => {
        const via = gateway === null ? '' : ` via ${gateway}`;
        return `${formatPrefix(destination)}${via} dev ${quoted(device)}`;
      }),
    ).flat(),
  ]);
}

function portLines({ name, device, kniName, mtuBytes }: DataplanePort): Lines {
  return braced(`port ${quoted(name)}`, [
    `device ${quoted(device)}`,
    `kni_name ${quoted(kniName)}`,
    `mtu ${mtuBytes}`,
  ]);
}

function vrrpLines(instance: VrrpInstance): Lines {
  const { authentication, dpdkInterface } = instance;
  return braced(`vrrp_instance ${quoted(instance.name)}`, [
    `state ${instance.state}`,
    `interface ${quoted(instance.interface)}`,
    ...(dpdkInterface === null ? [] : [`dpdk_interface ${quoted(dpdkInterface)}`]),
    `virtual_router_id ${instance.virtualRouterId}`,
    `priority ${instance.priority}`,
    `advert_int ${seconds(instance.advertIntervalMs)}`,
    ...(authentication.type === 'none'
      ? []
      : braced('authentication', [
          'auth_type PASS',
          `auth_pass ${quoted(authentication.password)}`,
        ])),
    instance.preempts ? 'preempt' : 'nopreempt',
    `lease ${instance.leases ? 'on' : 'off'}`,
    `garp_master_delay ${seconds(instance.garpMasterDelayMs)}`,
    `garp_master_repeat ${instance.garpMasterRepeat}`,
    ...braced('virtual_ipaddress', instance.virtualAddresses.map(addressLine)),
  ]);
}

function virtualServerLines(server: VirtualServer): Lines {
  return braced(`virtual_server ${printedName(server.name)}`, [
    `delay_loop ${seconds(server.delayLoopMs)}`,
    `lb_algo ${server.scheduler}`,
    `lb_kind ${server.method}`,
    `protocol ${server.protocol}`,
    `laddr_group_name ${quoted(server.localAddressGroup)}`,
    ...server.realServers.flatMap(realServerLines),
  ]);
}

/** A group's name is one word, whatever is in it. */
function printedName(name: string): string {
  const group = /^group (.*)$/s.exec(name);
  return group === null ? name : `group ${quoted(group[1] ?? '')}`;
}

function realServerLines({ endpoint, weight, inhibitsOnFailure, checkers }: RealServer): Lines {
  return braced(`real_server ${endpoint.address} ${endpoint.port}`, [
    `weight ${weight}`,
    ...(inhibitsOnFailure ? ['inhibit_on_failure'] : []),
    ...checkers.flatMap(checkLines),
  ]);
}

function checkLines(check: TcpCheck): Lines {
  return braced(check.type, [
    `connect_ip ${check.target.address}`,
    `connect_port ${check.target.port}`,
    ...(check.source === null ? [] : [`bindto ${check.source}`]),
    `connect_timeout ${seconds(check.connectTimeoutMs)}`,
    `retry ${check.retry}`,
    `delay_before_retry ${seconds(check.delayBeforeRetryMs)}`,
    `delay_loop ${seconds(check.delayLoopMs)}`,
    `warmup ${seconds(check.warmupMs)}`,
  ]);
}
