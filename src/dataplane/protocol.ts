// The messages on the data plane's UNIX socket: one JSON object per line. Each side says hello
// first; then the client asks and the data plane answers under the same id, in the order asked.
// Requests are checked member by member; answers are trusted once the version fits (the socket is
// 0600, the peer is our own program).
import { err, ok, type Result } from 'neverthrow';
import type { Prefix } from '../net/prefix.js';
import { protocols } from '../net/service.js';
import type {
  ConnectionFilter,
  DataplaneError,
  OpenOptions,
  PartialEndpoint,
  PortOptions,
} from './dataplane.js';
import {
  address,
  amount,
  describeShapeError,
  isObject,
  list,
  name,
  nullable,
  object,
  oneOf,
  port,
  prefix,
  type Shape,
  type ShapeError,
  truth,
  variant,
  whole,
} from './shape.js';
import type { Change, ServiceKey } from './state.js';
import { changes, device, serviceKey } from './state-shape.js';

export const protocolVersion = 3;
export const requestBytesMax = 16 * 1024 * 1024;
/** 100 000 servers with their counters are some 30 MB in one answer. */
export const answerBytesMax = 256 * 1024 * 1024;

export type Hello = {
  readonly type: 'hello';
  readonly version: number;
  readonly program: 'keelson';
  /** The process that says it. */
  readonly pid: number;
};

/** One call of the interface Dataplane, by the name of its method. */
export type Request =
  | { readonly type: 'open'; readonly options: OpenOptions }
  | { readonly type: 'apply'; readonly changes: readonly Change[] }
  | {
      readonly type: 'lease';
      readonly holder: string;
      readonly device: string;
      readonly addresses: readonly Prefix[];
      readonly durationMs: number | null;
    }
  | { readonly type: 'release'; readonly holder: string; readonly addresses: readonly Prefix[] }
  | { readonly type: 'leases'; readonly holder: string }
  | { readonly type: 'connections'; readonly filter: ConnectionFilter }
  /** service null: all. */
  | { readonly type: 'zero'; readonly service: ServiceKey | null }
  | { readonly type: 'announce'; readonly device: string; readonly addresses: readonly Prefix[] }
  | {
      readonly type:
        | 'running'
        | 'addresses'
        | 'routes'
        | 'ports'
        | 'neighbors'
        | 'statistics'
        | 'close';
    };

export type RequestMessage = Request & { readonly id: number };

export type AnswerMessage =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  /** id null: about a message whose id could not be read, or the connection as a whole. */
  | { readonly id: number | null; readonly ok: false; readonly error: DataplaneError };

export type ProtocolError =
  | { readonly type: 'protocol.not_json' }
  | {
      readonly type: 'protocol.malformed';
      /** The request's own id when at least that could be read. */
      readonly id: number | null;
      readonly mismatch: ShapeError;
    }
  | { readonly type: 'protocol.other_version'; readonly version: number };

export function describeProtocolError(error: ProtocolError): string {
  switch (error.type) {
    case 'protocol.not_json':
      return 'the message is not JSON';
    case 'protocol.malformed':
      return `the message is malformed: ${describeShapeError(error.mismatch)}`;
    case 'protocol.other_version':
      return (
        `the other side speaks version ${error.version} of the protocol and this one ` +
        `version ${protocolVersion}: restart the older program`
      );
  }
}

export function encode(message: Hello | RequestMessage | AnswerMessage): string {
  return `${JSON.stringify(message)}\n`;
}

export function decodeHello(line: string): Result<Hello, ProtocolError> {
  const hello = decode(line, helloShape);
  if (hello.isErr() || hello.value.version === protocolVersion) return hello;
  return err({ type: 'protocol.other_version', version: hello.value.version });
}

export function decodeRequest(line: string): Result<RequestMessage, ProtocolError> {
  return decode(line, requestShape);
}

export function decodeAnswer(line: string): Result<AnswerMessage, ProtocolError> {
  return decode(line, answerShape);
}

function decode<T>(line: string, shape: Shape<T>): Result<T, ProtocolError> {
  const parsed = parseJson(line);
  if (parsed.isErr()) return err(parsed.error);
  return shape(parsed.value).mapErr((mismatch) => {
    const asked = id(isObject(parsed.value) ? parsed.value['id'] : undefined);
    return { type: 'protocol.malformed', id: asked.unwrapOr(null), mismatch };
  });
}

function parseJson(line: string): Result<unknown, ProtocolError> {
  try {
    return ok(JSON.parse(line));
  } catch {
    return err({ type: 'protocol.not_json' });
  }
}

const id = whole(0, Number.MAX_SAFE_INTEGER);
const addressesMax = 65_536;
/** Some 300 octets each. */
export const connectionRowsMax = 500_000;

const helloShape = object<Hello>({
  type: oneOf('hello'),
  version: whole(0, 65_535),
  program: oneOf('keelson'),
  pid: whole(1, Number.MAX_SAFE_INTEGER),
});

const portOptions = object<PortOptions>({
  name: device,
  device: name(1024),
  // Empty: no companion.
  kniName: (value) => (value === '' ? ok('') : device(value)),
  mtuBytes: whole(68, 9000),
});

const openOptions = object<OpenOptions>({
  filePrefix: name(64),
  workers: whole(1, 64),
  workerCpus: list(whole(0, 65_535), 64),
  poll: oneOf('busy', 'adaptive'),
  connectionsMax: whole(1024, 16_777_216),
  packetBuffers: whole(1024, 4_194_304),
  hugepages: oneOf('auto', 'on', 'off'),
  ports: list(portOptions, 64),
});

const partialEndpoint = object<PartialEndpoint>({ address: nullable(address), port });

const connectionFilter = object<ConnectionFilter>({
  protocol: nullable(oneOf(...protocols)),
  client: partialEndpoint,
  destination: partialEndpoint,
  server: partialEndpoint,
  isTemplate: truth,
  rowsMax: whole(1, connectionRowsMax),
});

const holder = name(255);
const addresses = list(prefix, addressesMax);
const durationMs = nullable(amount(0, 2 ** 31 - 1));

const requestShape = variant<RequestMessage>('type', {
  open: object({ id, type: oneOf('open'), options: openOptions }),
  apply: object({ id, type: oneOf('apply'), changes }),
  lease: object({ id, type: oneOf('lease'), holder, device, addresses, durationMs }),
  release: object({ id, type: oneOf('release'), holder, addresses }),
  leases: object({ id, type: oneOf('leases'), holder }),
  connections: object({ id, type: oneOf('connections'), filter: connectionFilter }),
  zero: object({ id, type: oneOf('zero'), service: nullable(serviceKey) }),
  announce: object({ id, type: oneOf('announce'), device, addresses }),
  running: object({ id, type: oneOf('running') }),
  addresses: object({ id, type: oneOf('addresses') }),
  routes: object({ id, type: oneOf('routes') }),
  ports: object({ id, type: oneOf('ports') }),
  neighbors: object({ id, type: oneOf('neighbors') }),
  statistics: object({ id, type: oneOf('statistics') }),
  close: object({ id, type: oneOf('close') }),
});

const reason = (value: unknown): Result<string, ShapeError> =>
  typeof value === 'string'
    ? ok(value)
    : err({ type: 'shape.mismatch', path: [], expected: 'text' });

const errorShape = variant<DataplaneError>('type', {
  'dataplane.refused': object({ type: oneOf('dataplane.refused'), reason }),
  'dataplane.restart_needed': object({
    type: oneOf('dataplane.restart_needed'),
    differences: list(reason, 1024),
  }),
  'dataplane.unreachable': object({ type: oneOf('dataplane.unreachable'), reason }),
});

const failedAnswer = object<Extract<AnswerMessage, { ok: false }>>({
  id: nullable(id),
  ok: (value) => (value === false ? ok(false) : err(notBoolean)),
  error: errorShape,
});

const goodAnswer = object<Extract<AnswerMessage, { ok: true }>>({
  id,
  ok: (value) => (value === true ? ok(true) : err(notBoolean)),
  result: (value) => ok(value),
});

const notBoolean: ShapeError = { type: 'shape.mismatch', path: [], expected: 'true or false' };

const answerShape: Shape<AnswerMessage> = (value) =>
  isObject(value) && value['ok'] === false ? failedAnswer(value) : goodAnswer(value);
