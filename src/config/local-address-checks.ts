// A source address of FNAT is there once, and is no address that services or VRRP answer for.
import type { Position } from '../../grammar/syntax-tree.js';
import type { IpAddress } from '../net/address.js';
import { expandRange } from './address-range.js';
import { formatPlace, type Report } from './diagnostic.js';
import { addressesOf, contains, type Span } from './group-entry.js';
import { Once } from './once.js';
import type { Root } from './root-table.js';
import type { Found } from './settings.js';

export function checkLocalAddresses(root: Root, report: Report): void {
  const virtual = new VirtualAddresses(root);
  for (const { value } of root.all('local_address_group')) {
    const once = new Once(report);
    for (const { value: line, position } of value.lines) {
      for (const address of expandRange(line.range)) {
        once.see(address, position, `local address ${address} of ${value.head}`);
        const other = virtual.placeOf(address);
        if (other === undefined) continue;
        const message = `local address ${address} is a virtual address at ${formatPlace(other)}`;
        report.error('config.address_conflict', position, message);
      }
    }
  }
}

class VirtualAddresses {
  readonly #places = new Map<IpAddress, Position>();
  /** Ranges too large to be looked up address by address. */
  readonly #ranges: Found<Span>[] = [];

  constructor(root: Root) {
    for (const { value } of root.all('vrrp_instance')) {
      for (const { value: entries } of value.settings.all('virtual_ipaddress')) {
        for (const entry of entries) this.#places.set(entry.value.prefix.address, entry.position);
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
