// What relates one block to another: names that must exist, things that must be there once,
// addresses that must not meet. Every message about two places names both.
import type { Position } from '../../grammar/syntax-tree.js';
import { checkCheckers } from './checker-checks.js';
import type { Config } from './config.js';
import type { Report } from './diagnostic.js';
import { checkGlobals } from './global-checks.js';
import { checkGroups } from './group-checks.js';
import { checkLinks } from './link-checks.js';
import { checkLocalAddresses } from './local-address-checks.js';
import { nearest } from './nearest.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import { checkRouting } from './routing-checks.js';
import { checkServices } from './service-checks.js';
import { checkTracking } from './track-checks.js';
import { checkVrrp } from './vrrp-checks.js';

export function crossCheck(root: Root, config: Config, report: Report): void {
  checkNames(root, config, report);
  checkPorts(root, config, report);
  checkVrrp(root, report);
  checkTracking(root, report);
  checkRouting(root, config, report);
  checkGlobals(root, report);
  checkLinks(root, report);
  checkLocalAddresses(root, report);
  checkGroups(root, report);
  checkServices(root, report);
  checkCheckers(root, report);
}

function checkNames(root: Root, config: Config, report: Report): void {
  const once = new Once(report);
  for (const keyword of ['vrrp_instance', 'local_address_group'] as const) {
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
  for (const { value } of root.all('virtual_server')) {
    if (value.head.type !== 'match' || config.dataplane === null) continue;
    for (const keyword of ['iif', 'oif'] as const) {
      const port = value.settings.found(keyword);
      if (port !== undefined) check(port.value, port.position);
    }
  }
}
