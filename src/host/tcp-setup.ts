// What a socket of a routing protocol is told before it connects, listens or goes on as an accepted
// connection. It fails closed: the first thing that the kernel refuses is the outcome.
import { err, ok, type Result } from 'neverthrow';
import { type IpAddress, isLinkLocal } from '../net/address.js';
import type { TcpPeer, TcpSessionError, TcpTarget } from '../ports/tcp-sessions.js';
import { describeErrorNumber } from './sockets.js';
import type { TcpHandle } from './tcp-handle.js';

/** Internetwork control, RFC 4271 section 8 by way of RFC 791. */
const trafficClass = 0xc0;
const keyOctetsMax = 80;
const hopsMax = 255;

/** What is done, and -errno or 0 when it is. */
type Step = readonly [action: string, take: () => number];

export function failure(action: string, reason: string): Result<never, TcpSessionError> {
  return err({ type: 'tcp.failed', action, reason });
}

/** The first step that fails ends it. */
export function takeSteps(steps: readonly Step[]): Result<void, TcpSessionError> {
  for (const [action, take] of steps) {
    const status = take();
    if (status < 0) return failure(action, describeErrorNumber(-status));
  }
  return ok(undefined);
}

/** What the kernel would misread: an empty key takes the signature away. */
export function checkPeer(peer: TcpPeer): Result<void, TcpSessionError> {
  const { address, password, sentHops, hopsMin } = peer;
  if (password !== null) {
    const octets = Buffer.byteLength(password);
    if (octets < 1 || octets > keyOctetsMax) {
      const reason = `the password has ${octets} octets, not 1 to ${keyOctetsMax}`;
      return failure(signing(address), reason);
    }
  }
  for (const hops of [sentHops, hopsMin ?? sentHops]) {
    if (Number.isInteger(hops) && hops >= 1 && hops <= hopsMax) continue;
    return failure(`limit the hops of ${address}`, `${hops} is not 1 to ${hopsMax}`);
  }
  return ok(undefined);
}

export function signing(address: IpAddress): string {
  return `sign with TCP-MD5 for ${address}`;
}

export function sign(handle: TcpHandle, { address, password }: TcpPeer): number {
  return handle.sign(address, Buffer.from(password ?? ''));
}

/** Of a connection in either direction. */
export function prepareConnection(handle: TcpHandle, peer: TcpPeer): Result<void, TcpSessionError> {
  const { address, password, sentHops, hopsMin, interface: link } = peer;
  return checkPeer(peer).andThen(() =>
    takeSteps([
      [`use ${link}`, () => (link === null ? 0 : handle.bindDevice(link))],
      [`send with ${sentHops} hops to ${address}`, () => handle.set('sentHops', sentHops)],
      [`limit the hops from ${address}`, () => handle.set('hopsMin', hopsMin ?? 0)],
      [`mark what is sent to ${address}`, () => handle.set('trafficClass', trafficClass)],
      [`send to ${address} without delay`, () => handle.set('noDelay', 1)],
      [signing(address), () => (password === null ? 0 : sign(handle, peer))],
    ]),
  );
}

export function startConnecting(
  handle: TcpHandle,
  target: TcpTarget,
): Result<void, TcpSessionError> {
  const { address, port, source, interface: link } = target;
  if (link === null && isLinkLocal(address)) {
    return failure(`connect to ${address}`, 'a link-local address needs an interface');
  }
  return prepareConnection(handle, target).andThen(() =>
    takeSteps([
      [`send from ${source}`, () => (source === null ? 0 : handle.bind(source, 0, link ?? ''))],
      [`connect to ${address}`, () => handle.connect(address, port, link ?? '')],
    ]),
  );
}

/** Of one family, with the loosest of what its peers want; each connection gets its own. */
export function prepareListener(
  handle: TcpHandle,
  peers: readonly TcpPeer[],
): Result<void, TcpSessionError> {
  const sentHops = Math.max(1, ...peers.map((peer) => peer.sentHops));
  const least = Math.min(hopsMax, ...peers.map(({ hopsMin }) => hopsMin ?? 0));
  const hopsMin = peers.length === 0 ? 0 : least;
  return takeSteps([
    [`send with ${sentHops} hops`, () => handle.set('sentHops', sentHops)],
    [`limit hops to ${hopsMin} and more`, () => handle.set('hopsMin', hopsMin)],
  ]);
}

/** Before it is bound. */
export function startListening(
  handle: TcpHandle,
  address: IpAddress,
  port: number,
): Result<void, TcpSessionError> {
  const action = `listen on ${address} port ${port}`;
  return takeSteps([
    [action, () => handle.set('reuseAddress', 1)],
    [action, () => handle.set('saveSyn', 1)],
    [action, () => handle.set('trafficClass', trafficClass)],
    [action, () => handle.bind(address, port, '')],
    [action, () => handle.listen(128)],
  ]);
}
