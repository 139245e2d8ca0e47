// What relates one block to another: names that must exist, things that must be there once,
// addresses that must not meet. Every message about two places names both.
import type { Position } from '../../grammar/syntax-tree.js';
import { familyOf, formatEndpoint, type IpAddress } from '../net/address.js';
import { expandRange } from './address-range.js';
import type { Config } from './config.js';
import { formatPlace, type Report } from './diagnostic.js';
import { checkGlobals } from './global-checks.js';
import { checkLinks } from './link-checks.js';
import { nearest } from './nearest.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import { checkRouting } from './routing-checks.js';
import { checkTracking } from './track-checks.js';
import { nameOf } from './virtual-server.js';
import { checkVrrp } from './vrrp-checks.js';

export function crossCheck(root: Root, config: Config, report: Report): void {
  checkNames(root, config, report);
  checkPorts(root, config, report);
  checkVrrp(root, report);
  checkTracking(root, report);
  checkRouting(root, report);
  checkVirtualServers(root, config, report);
  checkRealServers(root, report);
  checkLocalAddresses(root, report);
  checkSources(root, report);
  checkGlobals(root, report);
  checkLinks(root, report);
}

function checkNames(root: Root, config: Config, report: Report): void {
  const once = new Once(report);
  for (const keyword of ['vrrp_instance', 'local_address_group', 'virtual_server_group'] as const) {
    for (const { value, position } of root.all(keyword)) {
      once.see(`${keyword} ${value.head}`, position, `${keyword} ${value.head}`);
    }
  }
  const ports = root.all('dataplane').flatMap(({ value }) => value.all('port'));
  for (const { value: port, position } of ports) {
    once.see(`port ${port.head}`, position, `port ${port.head}`);
  }
  for (const { name: portName, device, kniName } of config.dataplane?.ports ?? []) {
    const position = ports.find(({ value }) => value.head === portName)?.position;
    const [name] = device.split(',');
    if (position === undefined) continue;
    once.see(`device ${name}`, position, `DPDK device ${name}`);
    once.see(`kni ${kniName}`, position, `companion interface ${kniName}`);
  }
}

function checkPorts(root: Root, config: Config, report: Report): void {
  const ports = (config.dataplane?.ports ?? []).map(({ name }) => name);
  const check = (device: string, position: Position): void => {
    if (ports.includes(device)) return;
    const near = nearest(device, ports);
    const hint = near === null ? '' : `; did you mean "${near}"?`;
    const message = `the dataplane block has no port ${device}${hint}`;
    report.error('config.unknown_name', position, message);
  };
  for (const { value } of root.all('dataplane')) {
    for (const list of [...value.all('addresses'), ...value.all('routes')]) {
      for (const { value: entry, position } of list.value) {
        if (entry.options.dev !== undefined) check(entry.options.dev, position);
      }
    }
  }
  for (const { value } of root.all('vrrp_instance')) {
    const port = value.settings.found('dpdk_interface');
    if (port !== undefined) check(port.value, port.position);
  }
  for (const { value } of root.all('local_address_group')) {
    for (const { value: entry, position } of value.lines) check(entry.device, position);
  }
}

function checkVirtualServers(root: Root, config: Config, report: Report): void {
  const once = new Once(report);
  const groups = new Map(config.virtualServerGroups.map((group) => [group.name, group.endpoints]));
  for (const { value, position } of root.all('virtual_server')) {
    const { head, settings } = value;
    const protocol = settings.value('protocol') ?? 'UDP';
    if (head.type === 'address') {
      const service = `${protocol} ${formatEndpoint(head)}`;
      once.see(service, position, `virtual server ${service}`);
    }
    if (head.type === 'group') {
      for (const endpoint of groups.get(head.name) ?? []) {
        const service = `${protocol} ${formatEndpoint(endpoint)}`;
        once.see(service, position, `virtual server ${service}`);
      }
    }
  }
}

function checkRealServers(root: Root, report: Report): void {
  for (const { value } of root.all('virtual_server')) {
    const once = new Once(report);
    for (const { value: server, position } of value.settings.all('real_server')) {
      const name = formatEndpoint(server.head);
      once.see(name, position, `real server ${name} of virtual_server ${nameOf(value.head)}`);
    }
  }
}

/** A source address of ours must not be an address that services or VRRP answer for. */
function checkLocalAddresses(root: Root, report: Report): void {
  const virtual = new Map<IpAddress, Position>();
  for (const { value } of root.all('vrrp_instance')) {
    for (const { value: entries } of value.settings.all('virtual_ipaddress')) {
      for (const entry of entries) virtual.set(entry.value.prefix.address, entry.position);
    }
  }
  for (const { value, position } of root.all('virtual_server')) {
    if (value.head.type === 'address') virtual.set(value.head.address, position);
  }
  for (const { value } of root.all('virtual_server_group')) {
    for (const { value: line, position } of value.lines) {
      for (const address of expandRange(line.range)) virtual.set(address, position);
    }
  }
  for (const { value } of root.all('local_address_group')) {
    const once = new Once(report);
    for (const { value: line, position } of value.lines) {
      for (const address of expandRange(line.range)) {
        once.see(address, position, `local address ${address} of ${value.head}`);
        const other = virtual.get(address);
        if (other === undefined) continue;
        const message = `local address ${address} is a virtual address at ${formatPlace(other)}`;
        report.error('config.address_conflict', position, message);
      }
    }
  }
}

/** A check leaves from an address of the family that it goes to. */
function checkSources(root: Root, report: Report): void {
  for (const { value } of root.all('virtual_server')) {
    for (const { value: server } of value.settings.all('real_server')) {
      for (const { value: check } of server.settings.all('TCP_CHECK')) {
        const source = check.found('bindto');
        const target = check.value('connect_ip') ?? server.head.address;
        if (source === undefined || familyOf(source.value) === familyOf(target)) continue;
        const message = `bindto ${source.value} cannot reach ${target}: one is IPv4, one IPv6`;
        report.error('config.family_mix', source.position, message);
      }
    }
  }
}
