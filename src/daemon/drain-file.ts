// What operators have drained, in a file beside the daemon's sockets: a restart of the daemon does
// not announce what somebody is working on. Written as a whole; what cannot be read is put aside
// and said, and nothing counts as drained.
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import { writeDumpFile } from '../host/dump-file.js';
import { compareAddresses, type IpAddress, parseIpAddress } from '../net/address.js';
import type { Log } from '../ports/log.js';
import type { Drains } from '../routing/announcements.js';

const bytesMax = 1_048_576;
const addressesMax = 65_536;
const ownerOnlyUmask = 0o077;

export const noDrains: Drains = { node: false, addresses: new Set() };

export class DrainFile {
  readonly #path: string;
  #drains: Drains = noDrains;

  constructor(path: string, log: Log) {
    this.#path = path;
    if (!existsSync(path)) return;
    const read = readDrains(path);
    if (read.isOk()) this.#drains = read.value;
    else log.write('error', `${path}: ${read.error}; ${putAside(path)}; nothing is drained`);
  }

  get drains(): Drains {
    return this.#drains;
  }

  /** null: the whole node. The error is a sentence; then nothing is drained that was not. */
  set(address: IpAddress | null, isDrained: boolean): Result<Drains, string> {
    const addresses = new Set(this.#drains.addresses);
    if (address !== null && isDrained) addresses.add(address);
    else if (address !== null) addresses.delete(address);
    if (addresses.size > addressesMax) {
      return err(`${addressesMax} addresses are drained already; undrain some, or drain the node`);
    }
    const node = address === null ? isDrained : this.#drains.node;
    const drains = { node, addresses };
    const written = writeDumpFile(this.#path, textOf(drains), ownerOnlyUmask);
    if (written.isErr()) return err(written.error);
    this.#drains = drains;
    return ok(drains);
  }
}

function textOf({ node, addresses }: Drains): string {
  const list = [...addresses].sort(compareAddresses);
  return `${JSON.stringify({ node, addresses: list })}\n`;
}

function readDrains(path: string): Result<Drains, string> {
  try {
    if (statSync(path).size > bytesMax) return err('is longer than a list of drains can be');
    return drainsOf(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    return err(`cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function drainsOf(written: unknown): Result<Drains, string> {
  const wrong = err('is not what the daemon writes: {"node":false,"addresses":["192.0.2.1"]}');
  if (typeof written !== 'object' || written === null) return wrong;
  if (!('node' in written) || !('addresses' in written)) return wrong;
  const { node, addresses } = written;
  if (typeof node !== 'boolean' || !Array.isArray(addresses)) return wrong;
  const parsed = new Set<IpAddress>();
  for (const one of addresses as readonly unknown[]) {
    const address = typeof one === 'string' ? parseIpAddress(one) : null;
    if (address === null || address.isErr()) return wrong;
    parsed.add(address.value);
  }
  return parsed.size > addressesMax ? wrong : ok({ node, addresses: parsed });
}

/** The clause that says where it went. */
function putAside(path: string): string {
  const aside = `${path}.bad`;
  try {
    renameSync(path, aside);
    return `it is kept as ${aside}`;
  } catch (cause) {
    return `it stays there: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
