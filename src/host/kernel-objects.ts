// Routes, rules and interfaces of our own over rtnetlink, in the network namespace that the process
// runs in. What is asked is done in the order of the calls.
import { err, ok, type Result } from 'neverthrow';
import { formatPrefix } from '../net/prefix.js';
import type { Clock } from '../ports/clock.js';
import type { KernelError } from '../ports/kernel.js';
import type {
  FoundLink,
  KernelObjects,
  KernelRoute,
  KernelRule,
  ObjectNews,
  VirtualLink,
} from '../ports/kernel-objects.js';
import {
  describeNetlinkError,
  encodeLinkDump,
  messageFlags,
  messageTypes,
  type NetlinkError,
} from './netlink.js';
import {
  decodeFoundLink,
  decodeLinkGroup,
  encodeGroupDelete,
  encodeLinkDelete,
  encodeLinkMake,
  encodeLinkRegroup,
  encodeLinkUp,
} from './netlink-link.js';
import { encodeRoute } from './netlink-route.js';
import { encodeRule } from './netlink-rule.js';
import { ObjectNewsReader } from './object-news.js';
import {
  describeRouteError,
  type Prelude,
  type RouteError,
  type RouteRequest,
  RouteRequests,
} from './route-requests.js';
import { describeSocketsError, interfaceIndex, openRouteSocket } from './sockets.js';

/** RTMGRP_: links, addresses, routes and rules of both families. */
const groups = 0x1 | 0x10 | 0x100 | 0x40 | 0x400 | 0x80 | 0x40000;
const errorNotThere = 2;
const errorNoProcess = 3;
const errorExists = 17;
const errorNoDevice = 19;
const reopenDelayMs = 1_000;
/** Nobody else's change of an interface waits longer than for this many. */
const removedAtOnceMax = 32;
/** Where the search for an unused group begins, far from those that people choose. */
const firstOwnGroup = 0x6b73_0000;

type Outcome = Promise<Result<void, KernelError>>;

export class HostKernelObjects implements KernelObjects {
  readonly #clock: Clock;
  readonly #requests: RouteRequests;

  /** `requests` shared with HostKernel keep the order of the calls of both. */
  constructor(clock: Clock, requests = new RouteRequests(clock, openRouteSocket)) {
    this.#clock = clock;
    this.#requests = requests;
  }

  async putRoute(route: KernelRoute, replaces: boolean): Outcome {
    const action = `add ${routeWords(route)}`;
    const payload = this.#routePayload(action, route);
    if (payload.isErr()) return err(payload.error);
    const flags =
      messageFlags.acknowledge | messageFlags.create | (replaces ? messageFlags.replace : 0);
    const request = { type: messageTypes.newRoute, flags, payload: payload.value };
    return this.#change(action, request, [errorExists]);
  }

  async removeRoute(route: KernelRoute): Outcome {
    const action = `remove ${routeWords(route)}`;
    const payload = this.#routePayload(action, route);
    // With its interface the kernel has dropped the route.
    if (payload.isErr()) return ok(undefined);
    const flags = messageFlags.acknowledge;
    const request = { type: messageTypes.deleteRoute, flags, payload: payload.value };
    return this.#change(action, request, [errorNoProcess, errorNoDevice]);
  }

  putRule(rule: KernelRule): Outcome {
    const flags = messageFlags.acknowledge | messageFlags.create | messageFlags.exclusive;
    const request = { type: messageTypes.newRule, flags, payload: encodeRule(rule) };
    return this.#change(`add ${ruleWords(rule)}`, request, [errorExists]);
  }

  removeRule(rule: KernelRule): Outcome {
    const flags = messageFlags.acknowledge;
    const request = { type: messageTypes.deleteRule, flags, payload: encodeRule(rule) };
    return this.#change(`remove ${ruleWords(rule)}`, request, [errorNotThere]);
  }

  async foundLinks(): Promise<Result<readonly FoundLink[], KernelError>> {
    const links = await this.#listLinks(decodeFoundLink);
    return links.map((found) => found.filter((link) => link !== null));
  }

  async makeLink(link: VirtualLink): Outcome {
    const action = `make ${link.kind.type} ${link.name} on ${link.parent}`;
    const parent = interfaceIndex(link.parent);
    if (parent.isErr())
      return failed(action, `${link.parent}: ${describeSocketsError(parent.error)}`);
    const payload = encodeLinkMake(link, parent.value);
    const flags = messageFlags.acknowledge | messageFlags.create | messageFlags.exclusive;
    return this.#change(action, { type: messageTypes.newLink, flags, payload });
  }

  async takeLinkUp(name: string): Outcome {
    const action = `take ${name} up`;
    const index = interfaceIndex(name);
    if (index.isErr()) return failed(action, describeSocketsError(index.error));
    const payload = encodeLinkUp(index.value);
    const flags = messageFlags.acknowledge;
    return this.#change(action, { type: messageTypes.newLink, flags, payload });
  }

  /**
   * For each that is removed alone the kernel waits some 20 ms until nobody looks at it any more,
   * for a group of them once. So they are moved into a group that is theirs alone; one system call
   * does both, lest someone who is killed in between leaves some of them there.
   */
  async removeLinks(names: readonly string[]): Outcome {
    const present = names.flatMap((name) =>
      interfaceIndex(name).match((index) => [index], noIndex),
    );
    const group = present.length > 1 ? await this.#freeGroup() : null;
    if (group?.isOk() === true) {
      for (let start = 0; start < present.length; start += removedAtOnceMax) {
        await this.#removeGroup(present.slice(start, start + removedAtOnceMax), group.value);
      }
    }
    // Whatever is still there has its own answer.
    const answers = await Promise.all(names.map((name) => this.#removeLink(name)));
    return answers.find((answer) => answer.isErr()) ?? ok(undefined);
  }

  async #removeGroup(indices: readonly number[], group: number): Promise<void> {
    const regroup = (index: number): Prelude => ({
      type: messageTypes.newLink,
      payload: encodeLinkRegroup(index, group),
    });
    const answer = await this.#requests.ask({
      type: messageTypes.deleteLink,
      flags: messageFlags.acknowledge,
      payload: encodeGroupDelete(group),
      preludes: indices.map(regroup),
    });
    answer.unwrapOr(null);
  }

  /** A number of a group that has no interface. */
  async #freeGroup(): Promise<Result<number, KernelError>> {
    const groups = await this.#listLinks(decodeLinkGroup);
    return groups.map((taken) => {
      let group = firstOwnGroup;
      while (taken.includes(group)) group++;
      return group;
    });
  }

  async #listLinks<T>(
    decode: (payload: Uint8Array) => Result<T, NetlinkError>,
  ): Promise<Result<readonly T[], KernelError>> {
    const action = 'list the links';
    const request = { type: messageTypes.getLink, flags: messageFlags.dump };
    const answers = await this.#requests.ask({ ...request, payload: encodeLinkDump() });
    if (answers.isErr()) return failed(action, describeRouteError(answers.error));
    const links: T[] = [];
    for (const { type, payload } of answers.value) {
      if (type !== messageTypes.newLink) continue;
      const link = decode(payload);
      if (link.isErr()) return failed(action, describeNetlinkError(link.error));
      links.push(link.value);
    }
    return ok(links);
  }

  async #removeLink(name: string): Outcome {
    const index = interfaceIndex(name);
    if (index.isErr()) return ok(undefined);
    const payload = encodeLinkDelete(index.value);
    const flags = messageFlags.acknowledge;
    const request = { type: messageTypes.deleteLink, flags, payload };
    return this.#change(`remove ${name}`, request, [errorNoDevice]);
  }

  watchObjects(heard: (news: ObjectNews) => void): Result<() => void, KernelError> {
    const watch = new ObjectWatch(this.#clock, heard);
    return watch.open().map(() => () => watch.close());
  }

  #routePayload(action: string, route: KernelRoute): Result<Uint8Array, KernelError> {
    const indices = new Map<string, number>();
    for (const { device } of route.hops) {
      if (device === null) continue;
      const index = interfaceIndex(device);
      if (index.isErr()) return failed(action, `${device}: ${describeSocketsError(index.error)}`);
      indices.set(device, index.value);
    }
    return ok(encodeRoute(route, (name) => indices.get(name) ?? 0));
  }

  async #change(action: string, request: RouteRequest, alreadySo: readonly number[] = []): Outcome {
    const answer = await this.#requests.ask(request);
    if (answer.isOk() || isOneOf(answer.error, alreadySo)) return ok(undefined);
    return failed(action, describeRouteError(answer.error));
  }
}

/** One subscription: its socket is opened again should it fail. */
class ObjectWatch {
  readonly #clock: Clock;
  readonly #heard: (news: ObjectNews) => void;
  #reader = new ObjectNewsReader();
  #close: () => void = () => {};
  #isClosed = false;

  constructor(clock: Clock, heard: (news: ObjectNews) => void) {
    this.#clock = clock;
    this.#heard = heard;
  }

  open(): Result<void, KernelError> {
    const opened = openRouteSocket(groups, (event) => {
      if (this.#isClosed) return;
      if (event.type === 'received') {
        for (const news of this.#reader.read(event.messages)) this.#heard(news);
        return;
      }
      if (event.type === 'failed') {
        this.#close();
        this.#reopenLater();
      }
      this.#heard({ type: 'unknown' });
    });
    if (opened.isErr()) return failed('watch the routes', describeSocketsError(opened.error));
    this.#close = () => opened.value.close();
    return ok(undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.#close();
  }

  #reopenLater(): void {
    this.#clock.setTimer(reopenDelayMs, () => {
      if (this.#isClosed) return;
      this.#reader = new ObjectNewsReader();
      const opened = this.open();
      if (opened.isErr()) this.#reopenLater();
      else this.#heard({ type: 'unknown' });
    });
  }
}

/** "route 10.0.0.0/8 via 192.0.2.1 dev eth0 table 5". */
function routeWords({ type, destination, hops, table }: KernelRoute): string {
  const words = [
    'route',
    ...(type === 'unicast' ? [] : [type]),
    destination.length === 0 ? 'default' : formatPrefix(destination),
    ...hops.flatMap(({ gateway, device }) => [
      ...(hops.length > 1 ? ['nexthop'] : []),
      ...(gateway === null ? [] : ['via', gateway]),
      ...(device === null ? [] : ['dev', device]),
    ]),
  ];
  return `${words.join(' ')} table ${table}`;
}

function ruleWords({ from, to, priority, action }: KernelRule): string {
  const words = [
    'rule',
    ...(priority === null ? [] : [String(priority)]),
    ...(from === null ? [] : ['from', formatPrefix(from)]),
    ...(to === null ? [] : ['to', formatPrefix(to)]),
    ...(action.type === 'table' ? ['table', String(action.table)] : [action.type]),
  ];
  return words.join(' ');
}

function isOneOf(error: RouteError, errorNumbers: readonly number[]): boolean {
  return error.type === 'route.refused' && errorNumbers.includes(error.errorNumber);
}

function noIndex(): readonly number[] {
  return [];
}

function failed(action: string, reason: string): Result<never, KernelError> {
  return err({ type: 'kernel.failed', action, reason });
}
