// Nodes with BFD sessions on a simulated network, for the tests of this folder and the simulation.
import type { BfdSettings } from '../../../src/config/bfd.js';
import { type IpAddress, ipAddress } from '../../../src/net/address.js';
import type { Random } from '../../../src/ports/random.js';
import type { BfdFact } from '../../../src/routing/bfd/fact.js';
import { BfdSessions } from '../../../src/routing/bfd/sessions.js';
import { SimulatedClock } from '../../sim/clock.js';
import { type SimulatedHopNode, SimulatedHops } from '../../sim/hop-datagrams.js';
import { seededRandom } from '../../sim/random.js';

export function settings(neighbor: string, more: Partial<BfdSettings> = {}): BfdSettings {
  return {
    neighbor: ipAddress(neighbor),
    source: null,
    interface: null,
    isMultihop: false,
    sentHops: 255,
    hopsMax: 0,
    minRxMs: 50,
    minTxMs: 50,
    idleTxMs: 1000,
    multiplier: 3,
    isPassive: false,
    ...more,
  };
}

export type Change = { readonly key: string; readonly fact: BfdFact };

export class BfdNode {
  readonly address: IpAddress;
  readonly port: SimulatedHopNode;
  readonly sessions: BfdSessions;
  readonly changes: Change[] = [];
  readonly lines: string[] = [];

  constructor(address: string, world: BfdSimulation, silentAfterMs: number) {
    this.address = ipAddress(address);
    this.port = world.hops.attach(this.address);
    this.sessions = new BfdSessions({
      clock: world.clock,
      random: world.random,
      datagrams: this.port,
      log: { write: (level, line) => this.lines.push(`${level}: ${line}`) },
      silentAfterMs,
      changed: (key, fact) => this.changes.push({ key, fact }),
    });
  }

  configure(wanted: Readonly<Record<string, BfdSettings>>): void {
    this.sessions.configure(new Map(Object.entries(wanted)));
  }

  fact(key = 'session'): BfdFact {
    const fact = this.sessions.facts().get(key);
    if (fact === undefined) throw new Error(`assertion: no session ${key}`);
    return fact;
  }

  states(): readonly string[] {
    return this.changes.map(({ fact }) => fact.state);
  }
}

export class BfdSimulation {
  readonly clock = new SimulatedClock();
  readonly random: Random;
  readonly hops: SimulatedHops;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
    this.hops = new SimulatedHops(this.clock, this.random);
  }

  node(address: string, silentAfterMs = Number.POSITIVE_INFINITY): BfdNode {
    return new BfdNode(address, this, silentAfterMs);
  }

  /** Two nodes that are neighbours of each other. */
  pair(
    left: Partial<BfdSettings> = {},
    right: Partial<BfdSettings> = {},
  ): { readonly a: BfdNode; readonly b: BfdNode } {
    const a = this.node('192.0.2.1');
    const b = this.node('192.0.2.2');
    a.configure({ session: settings('192.0.2.2', left) });
    b.configure({ session: settings('192.0.2.1', right) });
    return { a, b };
  }
}
