// What relates one block to another: names that must exist, things that must be there once,
// addresses that must not meet. Every message about two places names both.
import type { Position } from '../../grammar/syntax-tree.js';
import { familyOf, formatEndpoint, type IpAddress } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import type { Config } from './config.js';
import type { DecodedRoot } from './decode.js';
import { formatPlace, type Report } from './diagnostic.js';
import { last } from './keywords.js';
import { nearest } from './nearest.js';

export function crossCheck(root: DecodedRoot, config: Config, report: Report): void {
  checkNames(root, config, report);
  checkPorts(root, config, report);
  checkVirtualRouters(root, report);
  checkVirtualServers(root, config, report);
  checkRealServers(root, report);
  checkLocalAddresses(root, report);
  checkSources(root, report);
}

/** Reports the second of two things with one key, pointing at the first. */
class Once {
  readonly #first = new Map<string, Position>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  see(key: string, position: Position, what: string): void {
    const first = this.#first.get(key);
    if (first === undefined) {
      this.#first.set(key, position);
      return;
    }
    const message = `${what} is defined already at ${formatPlace(first)}`;
    this.#report.error('config.duplicate', position, message);
  }
}

function checkNames(root: DecodedRoot, config: Config, report: Report): void {
  const once = new Once(report);
  for (const keyword of ['vrrp_instance', 'local_address_group', 'virtual_server_group'] as const) {
    for (const { value, position } of root[keyword]) {
      once.see(`${keyword} ${value.name.text}`, position, `${keyword} ${value.name.text}`);
    }
  }
  for (const { value } of root.dataplane) {
    for (const { value: port, position } of value.port) {
      once.see(`port ${port.name.text}`, position, `port ${port.name.text}`);
    }
  }
  for (const [index, { device, kniName }] of (config.dataplane?.ports ?? []).entries()) {
    const position = root.dataplane[0]?.value.port[index]?.position;
    const [name] = device.split(',');
    if (position === undefined) continue;
    once.see(`device ${name}`, position, `DPDK device ${name}`);
    once.see(`kni ${kniName}`, position, `companion interface ${kniName}`);
  }
}

function checkPorts(root: DecodedRoot, config: Config, report: Report): void {
  const ports = (config.dataplane?.ports ?? []).map(({ name }) => name);
  const check = (device: string, position: Position): void => {
    if (ports.includes(device)) return;
    const near = nearest(device, ports);
    const hint = near === null ? '' : `; did you mean "${near}"?`;
    const message = `the dataplane block has no port ${device}${hint}`;
    report.error('config.unknown_name', position, message);
  };
  for (const { value } of root.dataplane) {
    for (const list of [...value.addresses, ...value.routes]) {
      for (const { value: entry, position } of list.value) check(entry.device, position);
    }
  }
  for (const { value, position } of root.vrrp_instance) {
    if (value.value.dpdkInterface !== null) check(value.value.dpdkInterface, position);
  }
  for (const { value, position } of root.local_address_group) {
    const devices = new Set(value.value.addresses.map(({ device }) => device));
    for (const device of devices) check(device, position);
  }
}

function checkVirtualRouters(root: DecodedRoot, report: Report): void {
  const once = new Once(report);
  for (const { value, position } of root.vrrp_instance) {
    const { interface: interfaceName, virtualRouterId, virtualAddresses } = value.value;
    const router = `virtual_router_id ${virtualRouterId} on ${interfaceName}`;
    once.see(router, position, router);
    for (const { prefix, device } of virtualAddresses) {
      const key = `${formatPrefix(prefix)} ${device}`;
      once.see(key, position, `virtual address ${formatPrefix(prefix)} on ${device}`);
    }
  }
}

function checkVirtualServers(root: DecodedRoot, config: Config, report: Report): void {
  const once = new Once(report);
  const endpointsOf = new Map(
    config.virtualServerGroups.map(({ name, endpoints }) => [name, endpoints]),
  );
  for (const { value, position } of root.virtual_server) {
    const endpoints =
      value.endpoint === null ? endpointsOf.get(value.group ?? '') : [value.endpoint];
    const protocol = last(value.found.protocol, null);
    for (const endpoint of endpoints ?? []) {
      const service = `${protocol} ${formatEndpoint(endpoint)}`;
      once.see(service, position, `virtual server ${service}`);
    }
  }
  const groups = config.localAddressGroups.map(({ name }) => name);
  for (const { value, position } of root.virtual_server) {
    if (config.dataplane === null) {
      const message = `virtual_server ${value.name} needs a dataplane block to forward packets`;
      report.error('config.missing_block', position, message);
    }
    for (const { value: group, position: place } of value.found.laddr_group_name) {
      if (groups.includes(group)) continue;
      const near = nearest(group, groups);
      const hint = near === null ? '' : `; did you mean "${near}"?`;
      report.error('config.unknown_name', place, `there is no local_address_group ${group}${hint}`);
    }
  }
}

function checkRealServers(root: DecodedRoot, report: Report): void {
  for (const { value } of root.virtual_server) {
    const once = new Once(report);
    for (const { value: server, position } of value.found.real_server) {
      const name = formatEndpoint(server.endpoint);
      once.see(name, position, `real server ${name} of virtual_server ${value.name}`);
    }
  }
}

/** A source address of ours must not be an address that services or VRRP answer for. */
function checkLocalAddresses(root: DecodedRoot, report: Report): void {
  const virtual = new Map<IpAddress, Position>();
  for (const { value, position } of root.vrrp_instance) {
    for (const { prefix } of value.value.virtualAddresses) virtual.set(prefix.address, position);
  }
  for (const { value } of root.virtual_server) {
    if (value.endpoint !== null) virtual.set(value.endpoint.address, value.position);
  }
  for (const { value, position } of root.virtual_server_group) {
    for (const { address } of value.value.endpoints) virtual.set(address, position);
  }
  for (const { value, position } of root.local_address_group) {
    const once = new Once(report);
    for (const { address } of value.value.addresses) {
      once.see(address, position, `local address ${address} of ${value.name.text}`);
      const other = virtual.get(address);
      if (other === undefined) continue;
      const message = `local address ${address} is a virtual address at ${formatPlace(other)}`;
      report.error('config.address_conflict', position, message);
    }
  }
}

/** A check leaves from an address of the family that it goes to. */
function checkSources(root: DecodedRoot, report: Report): void {
  for (const { value } of root.virtual_server) {
    for (const { value: server } of value.found.real_server) {
      for (const { value: check } of server.found.TCP_CHECK) {
        const source = check.bindto.at(-1);
        const target = last(check.connect_ip, server.endpoint.address);
        if (source === undefined || familyOf(source.value) === familyOf(target)) continue;
        const message = `bindto ${source.value} cannot reach ${target}: one is IPv4, one IPv6`;
        report.error('config.family_mix', source.position, message);
      }
    }
  }
}
