// SMTP_CHECK against OpenSMTPD in a network namespace, and against servers on loopback that
// misbehave.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '../../scripts/lab/checkout.js';
import { Namespaces, waitFor } from '../../scripts/lab/namespaces.js';
import { checkHosts, type SmtpRequest } from '../health/smtp-probe-child.js';
import { NamespaceChild } from '../host/namespace-child.js';

const isRoot = process.getuid?.() === 0;
const program = join(checkout, 'build', 'test', 'health', 'smtp-probe-child.js');
const patienceMs = 30_000;

/** Its spool and its sockets are of its own: nothing of this machine's is touched. */
function mailServerCommand(folder: string): readonly string[] {
  const configFile = join(folder, 'smtpd.conf');
  const lines = [
    'listen on 127.0.0.1 port 25 hostname mail.example.org',
    'listen on 127.0.0.1 port 2525 hostname second.example.org',
    'match from any for any reject',
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  const prepare = [
    'mount -t tmpfs none /var/spool',
    'mount -t tmpfs none /run',
    'mkdir -m 0711 /var/spool/smtpd',
    `exec /usr/sbin/smtpd -d -f ${configFile}`,
  ];
  return ['unshare', '-m', 'sh', '-c', prepare.join(' && ')];
}

t.test('OpenSMTPD', { skip: isRoot ? false : 'needs root' }, async (t) => {
  const namespaces = new Namespaces();
  t.teardown(() => namespaces.remove());
  namespaces.add('mail');
  const folder = t.testdir();
  const logFile = join(folder, 'log');
  const child = new NamespaceChild<SmtpRequest>(namespaces.fullName('mail'), program);
  t.teardown(() => child.end());
  const ask = (ports: readonly number[], timeoutMs = 5_000) => child.ask({ ports, timeoutMs });
  t.same(await ask([25]), {
    type: 'failed',
    reason: 'failed: Could not connect to server [127.0.0.1]:25 (refused)',
    mailReason: 'Could not connect to server [127.0.0.1]:25 (refused)',
  });
  const { pid } = namespaces.start('mail', logFile, mailServerCommand(folder));
  await waitFor('the mail server answers', patienceMs, async () => {
    return JSON.stringify(await ask([25])).includes('succeeded');
  });
  t.match(await ask([25, 2525]), { type: 'succeeded' }, 'both hosts');
  t.match(await ask([25, 2526]), { type: 'failed', reason: /:2526 \(refused\)$/ });
  await waitFor('it saw us leave as one should', patienceMs, () => {
    return readFileSync(logFile, 'utf8').includes('smtp disconnected reason=quit');
  });
  t.notMatch(readFileSync(logFile, 'utf8'), /reason=(io-error|disconnect|timeout)/);
  const family = descendantsOf(pid);
  t.ok(family.length > 1, 'it has several processes');
  for (const one of family) process.kill(one, 'SIGSTOP');
  t.same(await ask([25], 500), {
    type: 'failed',
    reason: 'failed: Read timeout from server [127.0.0.1]:25',
    mailReason: 'Read timeout from server [127.0.0.1]:25',
  });
  for (const one of family) process.kill(one, 'SIGCONT');
  t.match(await ask([25]), { type: 'succeeded' }, 'up at once');
  await namespaces.stop(pid);
});

/** The process and all below it. */
function descendantsOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = text === '' ? [] : text.split(' ').map(Number);
  return [pid, ...children.flatMap(descendantsOf)];
}

type Manners = (socket: Socket) => void;

async function rudeServer(t: Test, manners: Manners): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
    manners(socket);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });
}

/** Says these octets one by one. */
function drip(socket: Socket, text: string): void {
  const [first = '', ...rest] = text;
  if (first === '' || socket.destroyed) return;
  socket.write(first);
  setTimeout(() => drip(socket, rest.join('')), 50);
}

function flood(socket: Socket): void {
  while (!socket.destroyed && socket.write('220-and more of the same\r\n'));
  socket.once('drain', () => flood(socket));
}

t.test('servers that misbehave cost at most the timeout', async (t) => {
  const cases: readonly [string, Manners, RegExp][] = [
    ['greets with 554', (socket) => socket.end('554 no\r\n'), /Bad greeting banner \(554 no\)/],
    ['greets late', (socket) => setTimeout(() => socket.write('220 x\r\n'), 3000), /Read timeout/],
    ['drips', (socket) => drip(socket, `220 ${'x'.repeat(400)}\r\n`), /Read timeout/],
    ['never ends a reply', flood, /Bad greeting banner \(endless: 220-and more/],
    [
      'hangs up after HELO',
      (socket) => {
        socket.write('220 x\r\n');
        socket.once('data', () => socket.end());
      },
      /Read failure \(it closed the connection\)/,
    ],
    [
      'resets after HELO',
      (socket) => {
        socket.write('220 x\r\n');
        socket.once('data', () => socket.resetAndDestroy());
      },
      /Read failure \(Connection reset by peer\)/,
    ],
  ];
  for (const [name, manners, expected] of cases) {
    const port = await rudeServer(t, manners);
    const startMs = performance.now();
    const outcome = await checkHosts({ ports: [port], timeoutMs: 1000 });
    t.match(outcome, { type: 'failed', reason: expected }, name);
    t.ok(performance.now() - startMs < 2_900, `${name}: within its timeout`);
  }
});
