import { err, ok } from 'neverthrow';
import t from 'tap';
import {
  decodeMessages,
  encodeMessage,
  messageFlags,
  messageTypes,
  type NetlinkMessage,
} from '../../src/host/netlink.js';
import { describeRouteError, RouteRequests } from '../../src/host/route-requests.js';
import type { RouteEvent } from '../../src/host/sockets.js';
import { SimulatedClock } from '../sim/clock.js';

const dump = { type: messageTypes.getLink, flags: messageFlags.dump, payload: new Uint8Array(16) };
const put = {
  type: messageTypes.newAddress,
  flags: messageFlags.acknowledge,
  payload: new Uint8Array(8),
};

/** A kernel that says what the test says. */
class Conversation {
  readonly clock = new SimulatedClock();
  /** Sequence numbers of what was sent. */
  readonly sent: number[] = [];
  readonly requests = new RouteRequests(this.clock, (groups, received) => {
    t.equal(groups, 0, 'no notifications on the socket for requests');
    if (this.openErrorNumber !== null) {
      return err({ type: 'sockets.refused', errorNumber: this.openErrorNumber });
    }
    this.opened++;
    this.#received = received;
    return ok({
      send: (bytes) => {
        this.messages = decodeMessages(bytes)._unsafeUnwrap();
        this.sent.push(this.messages.at(-1)?.sequence ?? 0);
        return ok(undefined);
      },
      close: () => {
        this.#received = () => t.fail('a closed socket receives nothing');
      },
    });
  });
  opened = 0;
  /** Of the last datagram. */
  messages: readonly NetlinkMessage[] = [];
  openErrorNumber: number | null = null;
  #received: (event: RouteEvent) => void = () => {};

  tell(event: RouteEvent): void {
    this.#received(event);
  }

  answer(type: number, options: { flags?: number; sequence?: number; errno?: number } = {}): void {
    const payload = new Uint8Array(20);
    new DataView(payload.buffer).setInt32(0, -(options.errno ?? 0), true);
    const sequence = options.sequence ?? this.sent.at(-1) ?? 0;
    const messages = encodeMessage({ type, flags: options.flags ?? 0, sequence, payload });
    this.tell({ type: 'received', messages });
  }
}

t.test('what goes before a request is in its datagram, and its refusal is not heard', async (t) => {
  const kernel = new Conversation();
  const prelude = { type: messageTypes.newLink, payload: Uint8Array.of(1, 2, 3, 4) };
  const answer = kernel.requests.ask({ ...put, preludes: [prelude, prelude] });
  const [first, second, last] = kernel.messages;
  t.match(first, { ...prelude, flags: messageFlags.request });
  t.match(second, first);
  t.match(last, { type: put.type, flags: put.flags | messageFlags.request });
  t.not(first?.sequence, last?.sequence);
  kernel.answer(messageTypes.error, { sequence: first?.sequence ?? 0, errno: 19 });
  kernel.answer(messageTypes.error);
  t.ok((await answer).isOk());
});

t.test('a dump is collected until its end', async (t) => {
  const kernel = new Conversation();
  const answer = kernel.requests.ask(dump);
  kernel.answer(messageTypes.newLink);
  kernel.answer(messageTypes.newLink);
  kernel.answer(messageTypes.newLink, { sequence: 77 });
  kernel.answer(messageTypes.done);
  const types = (await answer)._unsafeUnwrap().map(({ type }) => type);
  t.strictSame(types, [messageTypes.newLink, messageTypes.newLink], 'others have their own number');
});

t.test('requests go one at a time, in order, and are told apart', async (t) => {
  const kernel = new Conversation();
  const first = kernel.requests.ask(put);
  const second = kernel.requests.ask(put);
  t.equal(kernel.sent.length, 1);
  kernel.answer(messageTypes.error, { errno: 1 });
  t.equal(kernel.sent.length, 2);
  kernel.answer(messageTypes.error, { errno: 1, sequence: kernel.sent[0] ?? 0 });
  kernel.answer(messageTypes.error);
  const refusal = (await first)._unsafeUnwrapErr();
  t.equal(describeRouteError(refusal), 'Operation not permitted');
  t.strictSame((await second)._unsafeUnwrap(), []);
  t.equal(kernel.opened, 1);
});

t.test('no answer in time is an error, and the next request goes on', async (t) => {
  const kernel = new Conversation();
  const silent = kernel.requests.ask(dump);
  const next = kernel.requests.ask(put);
  kernel.clock.advance(1_999);
  t.equal(kernel.sent.length, 1);
  kernel.clock.advance(1);
  const error = (await silent)._unsafeUnwrapErr();
  t.equal(describeRouteError(error), 'the kernel did not answer within 2 seconds');
  t.equal(kernel.opened, 2, 'the old socket may still hold an unread dump');
  kernel.answer(messageTypes.error);
  t.ok((await next).isOk());
});

t.test('what was lost or interrupted is asked again, five times at most', async (t) => {
  const kernel = new Conversation();
  const answer = kernel.requests.ask(dump);
  kernel.answer(messageTypes.newLink);
  kernel.tell({ type: 'overrun' });
  t.equal(kernel.opened, 2);
  kernel.answer(messageTypes.newLink, { flags: messageFlags.interrupted });
  kernel.answer(messageTypes.done);
  kernel.tell({ type: 'failed', errorNumber: 5 });
  t.equal(kernel.sent.length, 4);
  t.equal(new Set(kernel.sent).size, 4, 'each with its own number');
  kernel.answer(messageTypes.newLink);
  kernel.answer(messageTypes.done);
  t.equal((await answer)._unsafeUnwrap().length, 1, 'only the last answer counts');

  const hopeless = kernel.requests.ask(dump);
  for (let tries = 0; tries < 5; tries++) kernel.tell({ type: 'overrun' });
  const error = (await hopeless)._unsafeUnwrapErr();
  t.equal(describeRouteError(error), 'the kernel lost part of its answer each time');
});

t.test('no socket: every request says so', async (t) => {
  const kernel = new Conversation();
  kernel.openErrorNumber = 24;
  const answers = await Promise.all([dump, put].map((request) => kernel.requests.ask(request)));
  for (const answer of answers) {
    t.equal(
      describeRouteError(answer._unsafeUnwrapErr()),
      'no netlink socket: Too many open files',
    );
  }
  kernel.openErrorNumber = null;
  const later = kernel.requests.ask(put);
  kernel.answer(messageTypes.error);
  t.ok((await later).isOk(), 'and tries again next time');
});

t.test('waiting requests are bounded; answers that cannot be read are errors', async (t) => {
  const kernel = new Conversation();
  const stuck = kernel.requests.ask(dump);
  for (let count = 0; count < 10_000; count++) void kernel.requests.ask(put);
  const error = (await kernel.requests.ask(put))._unsafeUnwrapErr();
  t.equal(describeRouteError(error), '10000 requests wait already');
  kernel.tell({ type: 'received', messages: Uint8Array.of(1, 2, 3) });
  const malformed = (await stuck)._unsafeUnwrapErr();
  t.equal(describeRouteError(malformed), "the kernel's answer has a malformed message header");
});
