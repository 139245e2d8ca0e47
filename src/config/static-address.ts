// static_ipaddress: addresses put on kernel interfaces at start.
import type { Prefix } from '../net/prefix.js';

export type StaticAddress = { readonly prefix: Prefix; readonly device: string };
