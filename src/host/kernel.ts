// The kernel's links and addresses over rtnetlink, in the network namespace that the process runs
// in. What is asked is done in the order of the calls.
import { err, ok, type Result } from 'neverthrow';
import { formatPrefix, type Prefix } from '../net/prefix.js';
import type { Clock } from '../ports/clock.js';
import type {
  AddressAttributes,
  AddressRequest,
  Kernel,
  KernelAddress,
  KernelError,
  Link,
} from '../ports/kernel.js';
import {
  decodeAddress,
  decodeLink,
  describeNetlinkError,
  encodeAddressDelete,
  encodeAddressDump,
  encodeAddressPut,
  encodeLinkDump,
  messageFlags,
  messageTypes,
  type NetlinkError,
} from './netlink.js';
import { RouteNews } from './route-news.js';
import {
  describeRouteError,
  type RouteError,
  type RouteRequest,
  RouteRequests,
} from './route-requests.js';
import {
  describeSocketsError,
  interfaceIndex,
  openRouteSocket,
  type RouteEvent,
  type RouteSocket,
} from './sockets.js';

const groupLinks = 0x1;
const groupIpv4Addresses = 0x10;
const groupIpv6Addresses = 0x100;
const errorNoDevice = 19;
const errorAddressNotThere = 99;
const reopenDelayMs = 1_000;

/** Addresses that are there already are renewed: replaced in place, without a gap. */
const putFlags = messageFlags.acknowledge | messageFlags.create | messageFlags.replace;

export class HostKernel implements Kernel {
  readonly #clock: Clock;
  readonly #requests: RouteRequests;

  /** `requests` shared with another port keep the order of the calls of both. */
  constructor(clock: Clock, requests = new RouteRequests(clock, openRouteSocket)) {
    this.#clock = clock;
    this.#requests = requests;
  }

  links(): Promise<Result<readonly Link[], KernelError>> {
    const request = { type: messageTypes.getLink, payload: encodeLinkDump() };
    return this.#dump('list the links', request, messageTypes.newLink, decodeLink);
  }

  addresses(): Promise<Result<readonly KernelAddress[], KernelError>> {
    const request = { type: messageTypes.getAddress, payload: encodeAddressDump() };
    return this.#dump('list the addresses', request, messageTypes.newAddress, decodeAddress);
  }

  async putAddress(request: AddressRequest): Promise<Result<void, KernelError>> {
    const { prefix, validSeconds, attributes } = request;
    const action = `add ${formatPrefix(prefix)} to ${request.interface}`;
    const linkIndex = interfaceIndex(request.interface);
    if (linkIndex.isErr()) return failed(action, describeSocketsError(linkIndex.error));
    const payload = encodeAddressPut(
      { linkIndex: linkIndex.value, prefix },
      validSeconds,
      attributes,
    );
    return this.#change(action, { type: messageTypes.newAddress, flags: putFlags, payload });
  }

  async removeAddress(
    interfaceName: string,
    prefix: Prefix,
    attributes?: AddressAttributes,
  ): Promise<Result<void, KernelError>> {
    const action = `remove ${formatPrefix(prefix)} from ${interfaceName}`;
    const linkIndex = interfaceIndex(interfaceName);
    // An interface that is gone has no addresses.
    if (linkIndex.isErr() && linkIndex.error.errorNumber === errorNoDevice) return ok(undefined);
    if (linkIndex.isErr()) return failed(action, describeSocketsError(linkIndex.error));
    return this.#change(
      action,
      {
        type: messageTypes.deleteAddress,
        flags: messageFlags.acknowledge,
        payload: encodeAddressDelete({ linkIndex: linkIndex.value, prefix }, attributes),
      },
      [errorAddressNotThere, errorNoDevice],
    );
  }

  watch(changed: () => void): Result<() => void, KernelError> {
    const watch = new Watch(this.#clock, changed);
    return watch.open().map(() => () => watch.close());
  }

  async #dump<Fact>(
    action: string,
    request: Omit<RouteRequest, 'flags'>,
    answerType: number,
    decode: (payload: Uint8Array) => Result<Fact | null, NetlinkError>,
  ): Promise<Result<readonly Fact[], KernelError>> {
    const answers = await this.#requests.ask({ ...request, flags: messageFlags.dump });
    if (answers.isErr()) return failed(action, describeRouteError(answers.error));
    const facts: Fact[] = [];
    for (const { type, payload } of answers.value) {
      if (type !== answerType) continue;
      const fact = decode(payload);
      if (fact.isErr()) return failed(action, describeNetlinkError(fact.error));
      if (fact.value !== null) facts.push(fact.value);
    }
    return ok(facts);
  }

  async #change(
    action: string,
    request: RouteRequest,
    alreadySo: readonly number[] = [],
  ): Promise<Result<void, KernelError>> {
    const answer = await this.#requests.ask(request);
    if (answer.isOk() || isOneOf(answer.error, alreadySo)) return ok(undefined);
    return failed(action, describeRouteError(answer.error));
  }
}

/** One subscription: its socket, reopened should it fail, and one call for a burst of changes. */
class Watch {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #news = new RouteNews();
  #socket: RouteSocket | null = null;
  #isDue = false;
  #isClosed = false;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  open(): Result<void, KernelError> {
    const groups = groupLinks | groupIpv4Addresses | groupIpv6Addresses;
    const opened = openRouteSocket(groups, (event) => this.#follow(event));
    if (opened.isErr()) return failed('watch the links', describeSocketsError(opened.error));
    this.#socket = opened.value;
    return ok(undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
  }

  #follow(event: RouteEvent): void {
    switch (event.type) {
      case 'received':
        if (this.#news.take(event.messages)) this.#callSoon();
        break;
      case 'overrun':
        this.#news.forget();
        this.#callSoon();
        break;
      case 'failed':
        this.#socket?.close();
        this.#reopenLater();
        break;
    }
  }

  #callSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (!this.#isClosed) this.#changed();
    });
  }

  #reopenLater(): void {
    this.#clock.setTimer(reopenDelayMs, () => {
      if (this.#isClosed) return;
      this.#news.forget();
      const opened = this.open();
      if (opened.isErr()) this.#reopenLater();
      else this.#callSoon();
    });
  }
}

function isOneOf(error: RouteError, errorNumbers: readonly number[]): boolean {
  return error.type === 'route.refused' && errorNumbers.includes(error.errorNumber);
}

function failed(action: string, reason: string): Result<never, KernelError> {
  return err({ type: 'kernel.failed', action, reason });
}
