// A source address of FNAT is there once, and is no address that services or VRRP answer for.
import type { Position } from '../../grammar/syntax-tree.js';
import type { IpAddress } from '../net/address.js';
import { expandRange } from './address-range.js';
import { formatPlace, type Report } from './diagnostic.js';
import { addressesOf, contains, type Span } from './group-entry.js';
import { nearest } from './nearest.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import type { Found } from './settings.js';

export function checkLocalAddresses(root: Root, report: Report): void {
  const virtual = new VirtualAddresses(root);
  const leaders = new Leaders(root);
  for (const { value } of root.all('local_address_group')) {
    const once = new Once(report);
    for (const { value: line, position } of value.lines) {
      leaders.check(line.options.follow, position, report);
      for (const address of expandRange(line.range)) {
        once.see(address, position, `local address ${address} of ${value.head}`);
        leaders.see(address, line.options.follow, position, report);
        const other = virtual.placeOf(address);
        if (other === undefined) continue;
        const message = `local address ${address} is a virtual address at ${formatPlace(other)}`;
        report.error('config.address_conflict', position, message);
      }
    }
  }
}

/** The instances that local addresses follow. */
class Leaders {
  readonly #root: Root;
  readonly #followed = new Map<IpAddress, string | undefined>();

  constructor(root: Root) {
    this.#root = root;
  }

  /** Only in the data plane can VIP and local address live and die together. */
  check(name: string | undefined, position: Position, report: Report): void {
    if (name === undefined) return;
    const instances = this.#root.all('vrrp_instance').map(({ value }) => value);
    const instance = instances.find(({ head }) => head === name);
    if (instance === undefined) {
      const near = nearest(name, [...instances.map(({ head }) => head)]);
      const hint = near === null ? '' : `; did you mean "${near}"?`;
      report.error('config.unknown_name', position, `there is no vrrp_instance ${name}${hint}`);
    } else if (!instance.settings.has('dpdk_interface')) {
      const message = `vrrp_instance ${name} has no dpdk_interface: nothing can follow it`;
      report.error('config.bad_argument', position, message);
    }
  }

  /** In every group it has to be the same: an address is there, or it is not. */
  see(address: IpAddress, name: string | undefined, position: Position, report: Report): void {
    if (!this.#followed.has(address)) this.#followed.set(address, name);
    const other = this.#followed.get(address);
    if (other === name) return;
    const before = other === undefined ? 'follows nobody' : `follows ${other}`;
    const message = `local address ${address} ${before} where it was named first`;
    report.error('config.address_conflict', position, message);
  }
}

class VirtualAddresses {
  readonly #places = new Map<IpAddress, Position>();
  /** Ranges too large to be looked up address by address. */
  readonly #ranges: Found<Span>[] = [];

  constructor(root: Root) {
    for (const { value } of root.all('vrrp_instance')) {
      const { settings } = value;
      const blocks = [
        ...settings.all('virtual_ipaddress'),
        ...settings.all('virtual_ipaddress_excluded'),
      ];
      for (const entry of blocks.flatMap(({ value: entries }) => entries)) {
        this.#places.set(entry.value.prefix.address, entry.position);
      }
    }
    for (const { value, position } of root.all('virtual_server')) {
      if (value.head.type === 'address') this.#places.set(value.head.address, position);
    }
    for (const { value } of root.all('virtual_server_group')) {
      for (const { value: entry, position } of value.lines) {
        if (entry.type === 'addresses') this.#add(entry.span, position);
      }
    }
  }

  placeOf(address: IpAddress): Position | undefined {
    const range = (): Found<Span> | undefined =>
      this.#ranges.find(({ value }) => contains(value, address));
    return this.#places.get(address) ?? range()?.position;
  }

  #add(span: Span, position: Position): void {
    const addresses = addressesOf(span);
    if (addresses === null) this.#ranges.push({ value: span, position });
    else for (const address of addresses) this.#places.set(address, position);
  }
}
