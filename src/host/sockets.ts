// The only door to the addon in native/sockets: raw IP, Ethernet frames, netlink, flows, syslog,
// file locks, signals by number, namespaces and the system's own words for errors. Typed; error
// numbers become Results here. Works on every thread.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from 'neverthrow';
import { type AddressFamily, type Endpoint, familyOf, type IpAddress } from '../net/address.js';
import { macFromBytes } from '../net/mac.js';
import type { FrameSender } from '../ports/packets.js';

export type SocketsError = { readonly type: 'sockets.refused'; readonly errorNumber: number };

export type RouteEvent =
  /** One or more whole netlink messages from the kernel, ours to keep. */
  | { readonly type: 'received'; readonly messages: Uint8Array }
  /** The kernel had more to say than there was room for: what we know may be out of date. */
  | { readonly type: 'overrun' }
  /** Nothing more is received. */
  | { readonly type: 'failed'; readonly errorNumber: number };

export interface RouteSocket {
  send(messages: Uint8Array): Result<void, SocketsError>;
  close(): void;
}

export type DatagramEvent =
  | {
      readonly type: 'received';
      readonly payload: Uint8Array;
      readonly source: string;
      readonly destination: string;
      readonly hops: number;
      readonly protocol: number;
      readonly statedBytes: number;
      readonly identification: number;
    }
  /** Nothing arrived; more may. */
  | { readonly type: 'failed'; readonly errorNumber: number };

/** A raw socket of one protocol. */
export interface DatagramHandle {
  join(group: IpAddress, interfaceIndex: number): Result<void, SocketsError>;
  setReceiveBuffer(bytes: number): Result<void, SocketsError>;
  send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    hops: number,
    identification: number,
  ): Result<void, SocketsError>;
  close(): void;
}

/** Bits of the news of a flow. */
export const flowNews = { opened: 1, failed: 2, readable: 4, writable: 8 } as const;

/** `errorNumber` only of `failed`. */
export type FlowNews = (flow: number, bits: number, errorNumber: number) => void;

/** In the order of the addon's own numbers. */
const flowProtocols = ['tcp', 'udp', 'icmp'] as const;

/**
 * Connections and datagram sockets of a thread, by number. Calls that give a number give -errno
 * when it is negative: they are too frequent for a Result each.
 */
export interface FlowTable {
  /** News says `opened` or `failed` of tcp; the others are open at once. */
  open(
    protocol: (typeof flowProtocols)[number],
    target: Endpoint,
    source: IpAddress | null,
    sourcePort: number | null,
    sourceInterface: string | null,
    mark: number,
  ): number;
  /** A number for `knock`. */
  prepareKnock(
    target: Endpoint,
    source: IpAddress | null,
    sourcePort: number | null,
    sourceInterface: string | null,
    mark: number,
  ): number;
  /** Another may get the number. */
  forgetKnock(number: number): void;
  /**
   * The first `count` of these, from prepareKnock, become numbers of flows, or -errno. News says
   * once `opened` or `failed` of each: it is closed then.
   */
  knock(numbers: Int32Array, count: number): void;
  /** What is taken of `bytes` behind `offset`; of TCP it may be a part. */
  send(flow: number, bytes: Uint8Array, offset: number): number;
  /** How much was put into `room`, at most `bytesMax`; 0 of TCP is the end. */
  receive(flow: number, room: Uint8Array, bytesMax: number): number;
  /** With a FIN that lingers for up to a second. The number means nothing any more. */
  close(flow: number): void;
  /** All of them, at once. */
  end(): void;
}

declare const handleBrand: unique symbol;
type RouteHandle = { readonly [handleBrand]: 'route' };
type NativeFlows = { readonly [handleBrand]: 'flows' };
type NativeDatagrams = { readonly [handleBrand]: 'datagrams' };

type DatagramCallback = (
  payload: Uint8Array | null,
  source: string,
  destination: string,
  hops: number,
  protocol: number,
  statedBytes: number,
  identification: number,
  errorNumber: number,
) => void;

/** Numbers that are negative are -errno. */
type NativeSockets = {
  openRoute(
    groups: number,
    received: (messages: Uint8Array | null, errorNumber: number) => void,
  ): RouteHandle | number;
  openProcesses(
    received: (messages: Uint8Array | null, errorNumber: number) => void,
  ): RouteHandle | number;
  sendRoute(socket: RouteHandle, messages: Uint8Array): number;
  closeRoute(socket: RouteHandle): void;
  openDatagrams(
    ipVersion: 4 | 6,
    protocol: number,
    interfaceIndex: number,
    interfaceName: string,
    received: DatagramCallback,
  ): NativeDatagrams | number;
  joinGroup(socket: NativeDatagrams, group: string, interfaceIndex: number): number;
  setReceiveBuffer(socket: NativeDatagrams, bytes: number): number;
  sendDatagram(
    socket: NativeDatagrams,
    payload: Uint8Array,
    source: string,
    destination: string,
    hops: number,
    identification: number,
  ): number;
  closeDatagrams(socket: NativeDatagrams): void;
  openFlows(news: Int32Array, happened: (count: number) => void): NativeFlows | number;
  openFlow(
    flows: NativeFlows,
    protocol: number,
    address: string,
    port: number,
    source: string,
    sourcePort: number,
    sourceInterface: string,
    mark: number,
  ): number;
  prepareKnock(
    flows: NativeFlows,
    address: string,
    port: number,
    source: string,
    sourcePort: number,
    sourceInterface: string,
    mark: number,
  ): number;
  forgetKnock(flows: NativeFlows, number: number): void;
  knock(flows: NativeFlows, numbers: Int32Array, count: number): void;
  sendFlow(flows: NativeFlows, flow: number, bytes: Uint8Array, offset: number): number;
  receiveFlow(flows: NativeFlows, flow: number, room: Uint8Array, bytesMax: number): number;
  closeFlow(flows: NativeFlows, flow: number): void;
  closeFlows(flows: NativeFlows): void;
  interfaceIndex(name: string): number;
  interfaceSender(name: string): Uint8Array | null | number;
  sendFrame(interfaceIndex: number, frame: Uint8Array): number;
  writeSyslog(priority: number, line: string): void;
  lockFile(descriptor: number): number;
  errorText(errorNumber: number): string;
  watchSignal(number: number, arrived: () => void): number;
  enterNetworkNamespace(path: string): number;
  mountPrivately(source: string, target: string): number;
  replaceProcess(program: string, words: readonly string[], environment: readonly string[]): number;
  startCommand(
    program: string,
    words: readonly string[],
    environment: readonly string[],
    started: (pid: number) => void,
    ended: (code: number, signal: number) => void,
  ): object | number;
  programAnswer(
    program: string,
    words: readonly string[],
    environment: readonly string[],
    timeoutMs: number,
  ): string | number;
  sendNotice(path: string, text: string): number;
  setRealTime(priority: number): number;
  setProcessors(mask: Uint8Array): number;
};

const errorNoBuffers = 105;
/** As many as the addon tells of in one call, three numbers each. */
const flowNewsMax = 256;

export function describeSocketsError(error: SocketsError): string {
  return describeErrorNumber(error.errorNumber);
}

/** The operating system's sentence: "Operation not permitted". */
export function describeErrorNumber(errorNumber: number): string {
  return native().errorText(errorNumber);
}

/** The system's sentence for an exception out of Node's library, else the exception's message. */
export function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { errno } = cause as NodeJS.ErrnoException;
  return errno === undefined ? cause.message : describeErrorNumber(Math.abs(errno));
}

/** `groups`: a mask of RTMGRP_ bits. It does not keep the process alive. */
export function openRouteSocket(
  groups: number,
  received: (event: RouteEvent) => void,
): Result<RouteSocket, SocketsError> {
  return routeSocket(native().openRoute(groups, routeCallback(received)));
}

/** Of the kernel's connector; the news of processes must still be asked for with a message. */
export function openProcessSocket(
  received: (event: RouteEvent) => void,
): Result<RouteSocket, SocketsError> {
  return routeSocket(native().openProcesses(routeCallback(received)));
}

function routeCallback(received: (event: RouteEvent) => void) {
  return (messages: Uint8Array | null, errorNumber: number): void => {
    if (messages !== null) received({ type: 'received', messages });
    else if (errorNumber === errorNoBuffers) received({ type: 'overrun' });
    else received({ type: 'failed', errorNumber });
  };
}

function routeSocket(handle: RouteHandle | number): Result<RouteSocket, SocketsError> {
  if (typeof handle === 'number') return refused(-handle);
  const { sendRoute, closeRoute } = native();
  return ok({
    send: (messages) => outcome(sendRoute(handle, messages)),
    close: () => closeRoute(handle),
  });
}

/** `device` null: bound to no interface. It does not keep the process alive. */
export function openDatagramHandle(
  family: AddressFamily,
  protocol: number,
  device: { readonly name: string; readonly index: number } | null,
  heard: (event: DatagramEvent) => void,
): Result<DatagramHandle, SocketsError> {
  const addon = native();
  const received: DatagramCallback = (
    payload,
    source,
    destination,
    hops,
    arrivedProtocol,
    statedBytes,
    identification,
    errorNumber,
  ) => {
    if (payload === null) {
      heard({ type: 'failed', errorNumber });
      return;
    }
    const protocol = arrivedProtocol;
    const facts = { hops, protocol, statedBytes, identification };
    heard({ type: 'received', payload, source, destination, ...facts });
  };
  const version = family === 'ipv4' ? 4 : 6;
  const { index, name } = device ?? { index: 0, name: '' };
  const socket = addon.openDatagrams(version, protocol, index, name, received);
  if (typeof socket === 'number') return refused(-socket);
  return ok({
    join: (group, on) => outcome(addon.joinGroup(socket, group, on)),
    setReceiveBuffer: (bytes) => outcome(addon.setReceiveBuffer(socket, bytes)),
    send: (payload, source, destination, hops, identification) =>
      outcome(addon.sendDatagram(socket, payload, source, destination, hops, identification)),
    close: () => addon.closeDatagrams(socket),
  });
}

/** It does not keep the process alive. */
export function openFlowTable(happened: FlowNews): Result<FlowTable, SocketsError> {
  const addon = native();
  const news = new Int32Array(3 * flowNewsMax);
  const flows = addon.openFlows(news, (count) => {
    for (let at = 0; at < 3 * count; at += 3) {
      happened(news[at] ?? 0, news[at + 1] ?? 0, news[at + 2] ?? 0);
    }
  });
  if (typeof flows === 'number') return refused(-flows);
  return ok({
    open: (protocol, { address, port }, source, sourcePort, sourceInterface, mark) =>
      addon.openFlow(
        flows,
        flowProtocols.indexOf(protocol),
        address,
        port,
        source ?? anySource(address, sourcePort),
        sourcePort ?? 0,
        sourceInterface ?? '',
        mark,
      ),
    prepareKnock: ({ address, port }, source, sourcePort, sourceInterface, mark) => {
      const from = source ?? anySource(address, sourcePort);
      const link = sourceInterface ?? '';
      return addon.prepareKnock(flows, address, port, from, sourcePort ?? 0, link, mark);
    },
    forgetKnock: (number) => addon.forgetKnock(flows, number),
    knock: (numbers, count) => addon.knock(flows, numbers, count),
    send: (flow, bytes, offset) => addon.sendFlow(flows, flow, bytes, offset),
    receive: (flow, room, bytesMax) => addon.receiveFlow(flows, flow, room, bytesMax),
    close: (flow) => addon.closeFlow(flows, flow),
    end: () => addon.closeFlows(flows),
  });
}

/** To come from a port, an address is needed as well. */
function anySource(target: IpAddress, sourcePort: number | null): string {
  if (sourcePort === null) return '';
  return familyOf(target) === 'ipv4' ? '0.0.0.0' : '::';
}

export function interfaceIndex(name: string): Result<number, SocketsError> {
  const index = native().interfaceIndex(name);
  return index < 0 ? refused(-index) : ok(index);
}

/** Who sends frames on the interface; null: it has no Ethernet addresses. */
export function interfaceSender(name: string): Result<FrameSender | null, SocketsError> {
  const octets = native().interfaceSender(name);
  if (typeof octets === 'number') return refused(-octets);
  if (octets === null) return ok(null);
  return ok({ mac: macFromBytes(octets.subarray(0, 6)), isRouter: octets[6] === 1 });
}

/** `frame` starts with its Ethernet header. Never blocks. */
export function sendFrame(index: number, frame: Uint8Array): Result<void, SocketsError> {
  return outcome(native().sendFrame(index, frame));
}

/** `priority` as in RFC 5424: 8 * facility + severity; facility 0 is the daemons'. */
export function writeSyslog(priority: number, line: string): void {
  native().writeSyslog(priority, line);
}

/**
 * An exclusive lock on the open file; it ends with the descriptor, at the latest with the process.
 */
export function lockFile(descriptor: number): Result<void, SocketsError> {
  return outcome(native().lockFile(descriptor));
}

/** By number, for the signals that Node has no name for. Until the thread ends. */
export function watchSignal(number: number, arrived: () => void): Result<void, SocketsError> {
  return outcome(native().watchSignal(number, arrived));
}

/** For this thread, and for threads and processes that it starts from now on. */
export function enterNetworkNamespace(path: string): Result<void, SocketsError> {
  return outcome(native().enterNetworkNamespace(path));
}

/** `target` shows `source` to this thread and to what it starts from now on, and to nobody else. */
export function mountPrivately(source: string, target: string): Result<void, SocketsError> {
  return outcome(native().mountPrivately(source, target));
}

/** The namespaces of this thread become those of the program. Returns only when it fails. */
export function replaceProcess(
  program: string,
  words: readonly string[],
  environment: readonly string[],
): SocketsError {
  const status = native().replaceProcess(program, words, environment);
  return { type: 'sockets.refused', errorNumber: -status };
}

export type StartedCommand = {
  readonly pid: number;
  /** While somebody has it, its end is told. */
  readonly handle: object;
};

/**
 * Without a copy of this process, which would cost by its size and stop its other threads: leads a
 * session of its own, has /dev/null for input and output, and is asked to end with this thread.
 * `words` begin with its name; one of `code` and `signal` is 0.
 */
export function startCommand(
  program: string,
  words: readonly string[],
  environment: readonly string[],
  ended: (code: number, signal: number) => void,
): Result<StartedCommand, SocketsError> {
  let pid = 0;
  const started = (number: number): void => {
    pid = number;
  };
  const handle = native().startCommand(program, words, environment, started, ended);
  return typeof handle === 'number' ? refused(-handle) : ok({ pid, handle });
}

/**
 * What a program writes, up to 4 KiB, for a caller who stands still until it has ended, `timeoutMs`
 * at most; started like those of `startCommand`. One that fails has no answer.
 */
export function programAnswer(
  program: string,
  words: readonly string[],
  environment: readonly string[],
  timeoutMs: number,
): Result<string, SocketsError> {
  const answer = native().programAnswer(program, words, environment, timeoutMs);
  return typeof answer === 'number' ? refused(-answer) : ok(answer);
}

/** One datagram to a UNIX socket; a path that begins with "@" is an abstract name. */
export function sendNotice(path: string, text: string): Result<void, SocketsError> {
  return outcome(native().sendNotice(path, text));
}

/** Of the calling thread: SCHED_RR of 1..99, before every usual thread; 0: as usual. */
export function setRealTime(priority: number): Result<void, SocketsError> {
  return outcome(native().setRealTime(priority));
}

/** Of the calling thread. `mask`: bit N, of the least octet first, is CPU N; up to 128 octets. */
export function setProcessors(mask: Uint8Array): Result<void, SocketsError> {
  return outcome(native().setProcessors(mask));
}

let loaded: NativeSockets | null = null;

/** Loaded by the first call, so that what needs none of this runs without the addon. */
function native(): NativeSockets {
  loaded ??= addonAs<NativeSockets>();
  return loaded;
}

/** The addon's functions of one kind of socket, for the file that is the door to these. */
export function addonAs<Functions>(): Functions {
  return createRequire(import.meta.url)(addonPath()) as Functions;
}

/** The same file whether the sources or the compiled sources run. */
function addonPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return join(folder, 'build', 'Release', 'sockets.node');
}

export function outcome(status: number): Result<void, SocketsError> {
  return status < 0 ? refused(-status) : ok(undefined);
}

function refused(errorNumber: number): Result<never, SocketsError> {
  return err({ type: 'sockets.refused', errorNumber });
}
