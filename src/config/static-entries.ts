// static_ipaddress, static_routes and static_rules: put into the kernel at start.
import type { Prefix } from '../net/prefix.js';
import { addressEntry } from './address-entry.js';
import { kept, lines } from './keywords.js';
import { routeEntry } from './route-entry.js';
import { ruleEntry } from './rule-entry.js';

export type StaticAddress = { readonly prefix: Prefix; readonly device: string };

export const staticTable = {
  static_ipaddress: lines('Addresses put on kernel interfaces at start.', addressEntry),
  static_routes: kept(lines('Routes put into the kernel at start.', routeEntry)),
  static_rules: kept(lines('Routing rules put into the kernel at start.', ruleEntry)),
};
