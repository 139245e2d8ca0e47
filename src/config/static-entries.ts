// static_ipaddress: addresses put on kernel interfaces at start.
import type { Prefix } from '../net/prefix.js';
import { addressEntry } from './address-entry.js';
import { lines } from './keywords.js';

export type StaticAddress = { readonly prefix: Prefix; readonly device: string };

export const staticTable = {
  static_ipaddress: lines('Addresses put on kernel interfaces at start.', addressEntry),
};
