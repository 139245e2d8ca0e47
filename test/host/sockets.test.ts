import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import {
  decodeMessages,
  encodeLinkDump,
  encodeMessage,
  messageTypes,
} from '../../src/host/netlink.js';
import {
  describeCause,
  describeErrorNumber,
  describeSocketsError,
  interfaceIndex,
  openRouteSocket,
  sendFrame,
} from '../../src/host/sockets.js';

const addon = join(checkout, 'build', 'Release', 'sockets.node');
const dump = encodeMessage({
  type: messageTypes.getLink,
  flags: 0x301,
  sequence: 9,
  payload: encodeLinkDump(),
});

t.test('the system speaks for itself', (t) => {
  t.equal(interfaceIndex('lo')._unsafeUnwrap(), 1);
  const missing = interfaceIndex('nonexistent')._unsafeUnwrapErr();
  t.equal(describeSocketsError(missing), 'No such device');
  t.equal(describeErrorNumber(1), 'Operation not permitted');
  t.equal(describeCause(Object.assign(new Error('x'), { errno: -111 })), 'Connection refused');
  t.equal(describeCause(new Error('in words')), 'in words');
  t.equal(describeCause('text'), 'text');
  t.ok(sendFrame(1, new Uint8Array(13)).isErr(), 'shorter than an Ethernet header');
  t.end();
});

t.test('a route socket speaks with the kernel until it is closed', async (t) => {
  let answered: (messages: Uint8Array) => void = () => {};
  const received = new Promise<Uint8Array>((resolve) => {
    answered = resolve;
  });
  const socket = openRouteSocket(0, (event) => {
    if (event.type === 'received') answered(event.messages);
  })._unsafeUnwrap();
  // The socket alone does not keep the loop going.
  const keepAlive = setInterval(() => {}, 1_000);
  t.ok(socket.send(dump).isOk());
  const [link] = decodeMessages(await received)._unsafeUnwrap();
  clearInterval(keepAlive);
  t.equal(link?.type, messageTypes.newLink);
  t.equal(link?.sequence, 9);
  socket.close();
  socket.close();
  t.equal(describeSocketsError(socket.send(dump)._unsafeUnwrapErr()), 'Bad file descriptor');
});

t.test('wrong arguments are TypeErrors, never a crash', (t) => {
  const native = createRequire(import.meta.url)(addon) as Record<
    string,
    (...values: unknown[]) => unknown
  >;
  const names = Object.keys(native);
  t.ok(names.length >= 8);
  const values = [undefined, null, {}, [], 'text', -1, 1.5, new Float64Array(2), () => {}];
  for (const name of names.filter((name) => name !== 'writeSyslog')) {
    t.throws(() => native[name]?.(), TypeError, name);
    for (const first of values) {
      for (const second of values) {
        try {
          native[name]?.(first, second);
        } catch (error) {
          if (!(error instanceof TypeError)) t.fail(`${name}: ${String(error)}`);
        }
      }
    }
  }
  t.end();
});

// Each worker ends in another state: sockets open, closed within the callback, in the middle of a
// dump.
const workerScript = `
  const { parentPort, workerData } = require('node:worker_threads');
  const native = require(workerData.addon);
  const open = (received) => native.openRoute(0x111, received);
  const asked = open(() => {
    if (workerData.turn % 2 === 0) native.closeRoute(asked);
    parentPort.postMessage('received');
    if (workerData.turn % 3 === 0) process.exit(0);
  });
  open(() => {});
  native.closeRoute(open(() => {}));
  native.sendRoute(asked, workerData.dump);
  setInterval(() => {
    if (workerData.turn % 2 === 1) native.sendRoute(asked, workerData.dump);
  }, 1);
`;

t.test('threads load it and end while it works', async (t) => {
  for (let turn = 0; turn < 12; turn++) {
    const worker = new Worker(workerScript, { eval: true, workerData: { addon, dump, turn } });
    await once(worker, 'message');
    await worker.terminate();
  }
  t.pass('the process lives');
});
