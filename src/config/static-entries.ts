// static_ipaddress, static_routes and static_rules: put into the kernel at start.
import { addressEntry } from './address-entry.js';
import { lines } from './keywords.js';
import { routeEntry } from './route-entry.js';
import { ruleEntry } from './rule-entry.js';

export const staticTable = {
  static_ipaddress: lines('Addresses put on kernel interfaces at start.', addressEntry),
  static_routes: lines('Routes put into the kernel at start.', routeEntry),
  static_rules: lines('Routing rules put into the kernel at start.', ruleEntry),
};
