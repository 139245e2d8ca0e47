// HostTcpSessions inside a network namespace, driven by the test through standard input and output.
import { createInterface } from 'node:readline';
import type { TcpListenerCounts } from '../../src/host/tcp-listener.js';
import { HostTcpSessions } from '../../src/host/tcp-sessions.js';
import {
  describeTcpSessionError,
  type TcpListener,
  type TcpListenOptions,
  type TcpPeer,
  type TcpSession,
  type TcpSessionEvents,
  type TcpTarget,
} from '../../src/ports/tcp-sessions.js';

export type TcpRequest =
  | { readonly call: 'listen'; readonly listener: string; readonly options: TcpListenOptions }
  | { readonly call: 'allow'; readonly listener: string; readonly peers: readonly TcpPeer[] }
  | { readonly call: 'connect'; readonly session: string; readonly target: TcpTarget }
  /** `octets` of a pattern, in messages of 1000. */
  | { readonly call: 'send'; readonly session: string; readonly octets: number }
  | { readonly call: 'close'; readonly session: string; readonly lingerMs: number }
  | { readonly call: 'unsent' | 'facts'; readonly session: string }
  | { readonly call: 'counts' | 'refuse' };

/** What a session has seen so far. */
export type SessionFacts = {
  readonly local: string;
  readonly remote: string;
  readonly opened: number;
  readonly received: number;
  readonly chunkMax: number;
  /** All octets were those of the pattern. */
  readonly isInOrder: boolean;
  /** `undefined`: not closed. */
  readonly closed: readonly (string | null)[];
};

type Entry = {
  session: TcpSession | null;
  facts: { -readonly [K in keyof SessionFacts]: SessionFacts[K] };
};

export type { TcpListenerCounts };

const sessions = new HostTcpSessions();
const listeners = new Map<string, TcpListener>();
const entries = new Map<string, Entry>();
let isRefusing = false;

function patternAt(index: number): number {
  return (index * 7 + (index >> 8)) & 0xff;
}

function newEntry(name: string): Entry {
  const facts = {
    ...{ local: '', remote: '', opened: 0, received: 0, chunkMax: 0 },
    ...{ isInOrder: true, closed: [] },
  };
  const entry: Entry = { session: null, facts };
  entries.set(name, entry);
  return entry;
}

function eventsOf({ facts }: Entry): TcpSessionEvents {
  return {
    opened: () => {
      facts.opened++;
    },
    received: (bytes) => {
      for (const [index, octet] of bytes.entries()) {
        if (octet !== patternAt(facts.received + index)) facts.isInOrder = false;
      }
      facts.received += bytes.length;
      facts.chunkMax = Math.max(facts.chunkMax, bytes.length);
    },
    closed: (reason) => {
      facts.closed = [...facts.closed, reason];
    },
  };
}

function listen(name: string, options: TcpListenOptions): unknown {
  let count = 0;
  const listener = sessions.listen(options, (session) => {
    if (isRefusing) return null;
    const entry = newEntry(`${name}#${++count}`);
    entry.session = session;
    return eventsOf(entry);
  });
  if (listener.isErr()) return describeTcpSessionError(listener.error);
  listeners.set(name, listener.value);
  return refusalsOf(name);
}

function refusalsOf(name: string): string {
  const refusals = listeners.get(name)?.refusals ?? [];
  return refusals.length === 0 ? 'ok' : refusals.map(describeTcpSessionError).join('\n');
}

function connect(name: string, target: TcpTarget): unknown {
  const entry = newEntry(name);
  const session = sessions.connect(target, eventsOf(entry));
  if (session.isErr()) return describeTcpSessionError(session.error);
  entry.session = session.value;
  return 'ok';
}

const sent = new Map<string, number>();

function send(name: string, octets: number): unknown {
  const start = sent.get(name) ?? 0;
  for (let from = 0; from < octets; from += 1000) {
    const length = Math.min(1000, octets - from);
    const bytes = Uint8Array.from({ length }, (_, index) => patternAt(start + from + index));
    entries.get(name)?.session?.send(bytes);
  }
  sent.set(name, start + octets);
  return 'ok';
}

function factsOf(name: string): SessionFacts | null {
  const entry = entries.get(name);
  if (entry === undefined) return null;
  const { session, facts } = entry;
  const addresses = { local: session?.localAddress ?? '', remote: session?.remoteAddress ?? '' };
  return { ...facts, ...addresses };
}

function answer(request: TcpRequest): unknown {
  switch (request.call) {
    case 'listen':
      return listen(request.listener, request.options);
    case 'allow': {
      listeners.get(request.listener)?.allow(request.peers);
      return refusalsOf(request.listener);
    }
    case 'connect':
      return connect(request.session, request.target);
    case 'send':
      return send(request.session, request.octets);
    case 'close':
      entries.get(request.session)?.session?.close(request.lingerMs);
      return 'ok';
    case 'unsent':
      return entries.get(request.session)?.session?.unsentBytes();
    case 'facts':
      return factsOf(request.session);
    case 'counts':
      return sessions.counts;
    case 'refuse':
      isRefusing = true;
      return 'ok';
  }
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const told = { type: 'answer', answer: answer(JSON.parse(line) as TcpRequest) ?? null };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
