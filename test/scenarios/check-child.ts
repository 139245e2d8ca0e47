// A program in a network namespace for tests of checks: it runs attempts of checkers on real
// flows, opens flows, and answers datagrams well or badly. One JSON request a line.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { ProbedChecker } from '../../src/config/checkers/checkers.js';
import { probeOf } from '../../src/health/probe-of.js';
import { HostClock } from '../../src/host/clock.js';
import { HostFlows } from '../../src/host/flows.js';
import { hostRandom } from '../../src/host/random.js';
import type { Endpoint } from '../../src/net/address.js';
import type { FlowSettings } from '../../src/ports/flows.js';
import { probeWorld } from '../health/examples.js';

/** `strangely`: with what is no answer to the question. `at_last`: and then with an answer. */
type Answers = 'not' | 'the_same' | 'servfail' | 'strangely' | 'at_last';

export type ProbeRequest =
  | { readonly call: 'attempt'; readonly checker: ProbedChecker }
  | { readonly call: 'open'; readonly settings: FlowSettings; readonly timeoutMs: number }
  | { readonly call: 'answer'; readonly at: Endpoint; readonly how: Answers }
  | { readonly call: 'listen'; readonly at: Endpoint };

/** To `attempt` and `open`. */
export type ProbeAnswer = {
  readonly type: string;
  readonly reason?: string;
  readonly elapsedMs: number;
};

const clock = new HostClock();
const flows = new HostFlows();
const world = { ...probeWorld(flows, clock), random: hostRandom };

/** One probe for each checker, as monitors have it. */
const probes = new Map<string, ReturnType<typeof probeOf>>();

async function attempt(checker: ProbedChecker): Promise<object> {
  const key = JSON.stringify(checker);
  const probe = probes.get(key) ?? probeOf(checker, world);
  probes.set(key, probe);
  return probe.attempt({ isUp: true });
}

async function open(settings: FlowSettings, timeoutMs: number): Promise<object> {
  const outcome = await flows.open(settings, timeoutMs);
  if (outcome.type !== 'opened') return outcome;
  outcome.flow.close();
  return { type: 'opened' };
}

/** An answer of DNS to the question, with these flags. */
function flagged(question: Buffer, flags: number): Buffer {
  const answer = Buffer.from(question);
  answer.writeUInt16BE(flags, 2);
  return answer;
}

/** Nothing of it answers the question. */
function strangeTo(question: Buffer): readonly Buffer[] {
  const foreign = flagged(question, 0x8180);
  foreign.writeUInt16BE(question.readUInt16BE(0) ^ 1, 0);
  return [foreign, Buffer.alloc(0), Buffer.alloc(5), question, Buffer.alloc(9000, 'x')];
}

function answersTo(question: Buffer, how: Answers): readonly Buffer[] {
  switch (how) {
    case 'not':
      return [];
    case 'the_same':
      return [question];
    case 'servfail':
      return [flagged(question, 0x8182)];
    case 'strangely':
      return strangeTo(question);
    case 'at_last':
      return [...strangeTo(question), flagged(question, 0x8180)];
  }
}

async function answer({ address, port }: Endpoint, how: Answers): Promise<object> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (question, from) => {
    for (const one of answersTo(question, how)) socket.send(one, from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return { type: 'bound' };
}

async function listen({ address, port }: Endpoint): Promise<object> {
  const server = createServer((socket) => socket.end());
  server.listen(port, address);
  await once(server, 'listening');
  return { type: 'bound' };
}

function done(request: ProbeRequest): Promise<object> {
  switch (request.call) {
    case 'attempt':
      return attempt(request.checker);
    case 'open':
      return open(request.settings, request.timeoutMs);
    case 'answer':
      return answer(request.at, request.how);
    case 'listen':
      return listen(request.at);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const startMs = performance.now();
  const outcome = await done(JSON.parse(line) as ProbeRequest);
  const full = { ...outcome, elapsedMs: performance.now() - startMs };
  process.stdout.write(`${JSON.stringify({ type: 'answer', answer: full })}\n`);
}
