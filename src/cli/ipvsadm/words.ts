// The options of ipvsadm's command line, read into flags and values: the words of the Linux Virtual
// Server's tool, of DPVS's, and a few of ours. What they mean together is in arguments.ts.
import { parseArgs } from 'node:util';
import { type Err, err, ok, type Result } from 'neverthrow';

const flags = {
  list: { type: 'boolean', short: 'L' },
  'list-lower': { type: 'boolean', short: 'l' },
  connection: { type: 'boolean', short: 'c' },
  'add-service': { type: 'boolean', short: 'A' },
  'edit-service': { type: 'boolean', short: 'E' },
  'delete-service': { type: 'boolean', short: 'D' },
  clear: { type: 'boolean', short: 'C' },
  restore: { type: 'boolean', short: 'R' },
  save: { type: 'boolean', short: 'S' },
  'add-server': { type: 'boolean', short: 'a' },
  'edit-server': { type: 'boolean', short: 'e' },
  'delete-server': { type: 'boolean', short: 'd' },
  zero: { type: 'boolean', short: 'Z' },
  set: { type: 'boolean' },
  'add-laddr': { type: 'boolean', short: 'P' },
  'del-laddr': { type: 'boolean', short: 'Q' },
  'get-laddr': { type: 'boolean', short: 'G' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  numeric: { type: 'boolean', short: 'n' },
  stats: { type: 'boolean' },
  rate: { type: 'boolean' },
  exact: { type: 'boolean' },
  thresholds: { type: 'boolean' },
  'persistent-conn': { type: 'boolean' },
  timeout: { type: 'boolean' },
  daemon: { type: 'boolean' },
  sort: { type: 'boolean' },
  nosort: { type: 'boolean' },
  ipv6: { type: 'boolean', short: '6' },
  fullnat: { type: 'boolean', short: 'b' },
  gatewaying: { type: 'boolean', short: 'g' },
  ipip: { type: 'boolean', short: 'i' },
  masquerading: { type: 'boolean', short: 'm' },
  snat: { type: 'boolean', short: 'J' },
  ops: { type: 'boolean', short: 'o' },
  'expire-quiescent': { type: 'boolean' },
  quic: { type: 'boolean' },
  'tun-nocsum': { type: 'boolean' },
  'tun-csum': { type: 'boolean' },
  'tun-remcsum': { type: 'boolean' },
} as const;

const values = {
  'tcp-service': { type: 'string', short: 't' },
  'udp-service': { type: 'string', short: 'u' },
  'sctp-service': { type: 'string' },
  'icmp-service': { type: 'string', short: 'q' },
  'icmpv6-service': { type: 'string', short: '1' },
  'fwmark-service': { type: 'string', short: 'f' },
  match: { type: 'string', short: 'H' },
  scheduler: { type: 'string', short: 's' },
  'sched-flags': { type: 'string' },
  persistent: { type: 'string', short: 'p' },
  netmask: { type: 'string', short: 'M' },
  pe: { type: 'string' },
  synproxy: { type: 'string', short: 'j' },
  'conn-timeout': { type: 'string' },
  'proxy-protocol': { type: 'string' },
  'hash-target': { type: 'string' },
  'dest-check': { type: 'string' },
  'maglev-slots': { type: 'string' },
  'client-address': { type: 'string' },
  'client-toa': { type: 'string' },
  'no-destination': { type: 'string' },
  'connections-max': { type: 'string' },
  'real-server': { type: 'string', short: 'r' },
  weight: { type: 'string', short: 'w' },
  'u-threshold': { type: 'string', short: 'x' },
  'l-threshold': { type: 'string', short: 'y' },
  'tun-type': { type: 'string' },
  'tun-port': { type: 'string' },
  laddr: { type: 'string', short: 'z' },
  ifname: { type: 'string', short: 'F' },
  sockpair: { type: 'string' },
  'runtime-dir': { type: 'string' },
  instance: { type: 'string' },
} as const;

export type Flag = keyof typeof flags;
export type Value = keyof typeof values;

export type UsageError = { readonly type: 'ipvsadm.usage'; readonly reason: string };
export type Parsed<T> = Result<T, UsageError>;

/** Options that mean something to others, and why not to us. */
const refusals: Readonly<Record<string, string>> = {
  'fwmark-service': 'packets of a DPDK data plane carry no marks: use -H MATCH',
  'icmp-service': 'ICMP is forwarded by a match: -H proto=icmp,...',
  'icmpv6-service': 'ICMPv6 is forwarded by a match: -H proto=icmpv6,...',
  pe: 'persistence engines are not supported: clients are told apart by their address (-M)',
  'dest-check': 'passive checks are not supported: use the checkers of keepalived.conf',
  'tun-remcsum': 'remote checksum offload is not supported: use --tun-csum or --tun-nocsum',
  daemon: 'connections are not synchronised between nodes: there is no sync daemon',
};

export class Given {
  readonly flags = new Set<Flag>();
  readonly #values = new Map<Value, string>();
  /** Words that are no option. */
  readonly words: string[] = [];

  /** The words of a line, without the program's name. */
  static read(argv: readonly string[]): Parsed<Given> {
    const given = new Given();
    const options = { ...flags, ...values };
    // Not strict: the complaints are ours, and nothing is thrown.
    const args = withDefaultTimeout(argv);
    const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
    for (const token of tokens) {
      if (token.kind === 'positional') given.words.push(token.value);
      if (token.kind !== 'option') continue;
      const added = given.#add(token.name, token.rawName, token.value);
      if (added.isErr()) return err(added.error);
    }
    const [word] = given.words;
    if (word === undefined || given.flags.has('set')) return ok(given);
    return usage(`unexpected argument "${word}"`);
  }

  has(name: Flag): boolean {
    return this.flags.has(name);
  }

  value(name: Value): string | undefined {
    return this.#values.get(name);
  }

  /** Those of the names that are given. */
  which<const N extends Flag>(names: readonly N[]): readonly N[] {
    return names.filter((name) => this.flags.has(name));
  }

  #add(name: string, rawName: string, value: string | undefined): Parsed<void> {
    const refusal = Object.hasOwn(refusals, name) ? refusals[name] : undefined;
    if (refusal !== undefined) return usage(`${rawName}: ${refusal}`);
    if (isFlag(name)) {
      if (value !== undefined) return usage(`${rawName} takes no value`);
      this.flags.add(name);
      return ok();
    }
    if (!isValue(name)) return usage(`${rawName} is not supported`);
    if (value === undefined || value.startsWith('-')) return usage(`${rawName} needs a value`);
    if (this.#values.has(name)) return usage(`${rawName} is given twice`);
    this.#values.set(name, value);
    return ok();
  }
}

/** The timeout behind -p may be left out. */
function withDefaultTimeout(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) => {
    const isPersistent = word === '-p' || word === '--persistent';
    return isPersistent && !/^[0-9]/.test(argv[index + 1] ?? '') ? [word, '360'] : [word];
  });
}

function isFlag(name: string): name is Flag {
  return Object.hasOwn(flags, name);
}

function isValue(name: string): name is Value {
  return Object.hasOwn(values, name);
}

export function usage(reason: string): Err<never, UsageError> {
  return err({ type: 'ipvsadm.usage', reason });
}

/** A whole number of its bounds, or null. */
export function wholeNumber(text: string, min: number, max: number): number | null {
  if (!/^[0-9]{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}
