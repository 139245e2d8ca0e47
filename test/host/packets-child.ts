// HostPackets inside a network namespace, driven by the test through standard input and output.
import { createInterface } from 'node:readline';
import { HostPackets } from '../../src/host/packets.js';
import {
  type Datagram,
  type DatagramSocket,
  type DatagramSocketOptions,
  type Departure,
  describePacketError,
  type PacketError,
} from '../../src/ports/packets.js';

export type PacketsRequest =
  | {
      readonly call: 'open';
      readonly socket: string;
      readonly options: DatagramSocketOptions;
      readonly channel?: number;
    }
  | {
      readonly call: 'send';
      readonly socket: string;
      readonly hex: string;
      readonly departure: Departure;
      /** How often; 1 unless said. */
      readonly times?: number;
    }
  | { readonly call: 'frame'; readonly interface: string; readonly hex: string }
  /** Datagrams are counted from now on, not told. */
  | { readonly call: 'count' }
  | { readonly call: 'counted' | 'close' }
  | { readonly call: 'leave'; readonly socket: string };

export type PacketsEvent =
  | ({ readonly type: 'received'; readonly socket: string; readonly hex: string } & Omit<
      Datagram,
      'payload'
    >)
  | { readonly type: 'failed'; readonly line: string };

/** What a flood cost: per turn of the loop, since counting began. */
export type Counted = {
  readonly datagrams: number;
  readonly perTurnMax: number;
  /** Of this thread and its helpers, sorted. */
  readonly turnMicroseconds: readonly number[];
};

const sockets = new Map<string, DatagramSocket>();
const packets = new HostPackets((error) =>
  tell({ type: 'failed', line: describePacketError(error) }),
);
const count = { isOn: false, datagrams: 0, inTurn: 0, perTurnMax: 0 };
const turns: number[] = [];

function tell(event: PacketsEvent | { readonly type: 'answer'; readonly answer: unknown }): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function failureOf(error: PacketError): string {
  return describePacketError(error);
}

function open(socket: string, asked: DatagramSocketOptions, number?: number): unknown {
  const numberOf = ({ payload }: Datagram): number | null => payload[1] ?? null;
  const options = number === undefined ? asked : { ...asked, channel: { number, numberOf } };
  const opened = packets.openDatagrams(options, ({ payload, ...rest }) => {
    if (count.isOn) {
      count.datagrams += 1;
      count.inTurn += 1;
      return;
    }
    tell({ type: 'received', socket, hex: Buffer.from(payload).toString('hex'), ...rest });
  });
  if (opened.isErr()) return failureOf(opened.error);
  sockets.set(socket, opened.value);
  return 'ok';
}

function send(request: Extract<PacketsRequest, { call: 'send' }>): unknown {
  const socket = sockets.get(request.socket);
  if (socket === undefined) return 'not open';
  const payload = Uint8Array.from(Buffer.from(request.hex, 'hex'));
  for (let left = request.times ?? 1; left > 0; left--) {
    const sent = socket.send(payload, request.departure);
    if (sent.isErr()) return failureOf(sent.error);
  }
  return 'ok';
}

/** Once per turn, for as long as something is counted. */
function measureTurn(since: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(since);
  if (count.inTurn > 0) turns.push(user + system);
  count.perTurnMax = Math.max(count.perTurnMax, count.inTurn);
  count.inTurn = 0;
  if (count.isOn) setImmediate(measureTurn, process.cpuUsage());
}

function counted(): Counted {
  const { datagrams, perTurnMax } = count;
  return { datagrams, perTurnMax, turnMicroseconds: turns.toSorted((a, b) => a - b) };
}

function answer(request: PacketsRequest): unknown {
  switch (request.call) {
    case 'open':
      return open(request.socket, request.options, request.channel);
    case 'leave':
      sockets.get(request.socket)?.close();
      return 'ok';
    case 'send':
      return send(request);
    case 'frame': {
      const frame = Uint8Array.from(Buffer.from(request.hex, 'hex'));
      return packets.sendFrame(request.interface, frame).match(() => 'ok', failureOf);
    }
    case 'count':
      count.isOn = true;
      setImmediate(measureTurn, process.cpuUsage());
      return 'ok';
    case 'counted':
      return counted();
    case 'close':
      count.isOn = false;
      for (const socket of sockets.values()) socket.close();
      return 'ok';
  }
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  tell({ type: 'answer', answer: answer(JSON.parse(line) as PacketsRequest) });
}
