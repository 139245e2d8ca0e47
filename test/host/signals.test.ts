import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { waitFor } from '../../scripts/lab/namespaces.js';
import { notifyServiceManager } from '../../src/host/service-manager.js';
import { onSignal } from '../../src/host/signals.js';

const patienceMs = 10_000;

t.test('real-time signals and named ones arrive, each with its own callback', async (t) => {
  const counts = new Map<number, number>();
  // Every thread may be the one that the kernel interrupts.
  const idle = new Worker('setInterval(() => {}, 1000)', { eval: true });
  await once(idle, 'online');
  for (const number of [36, 63, 10]) {
    onSignal(number, () => counts.set(number, (counts.get(number) ?? 0) + 1))._unsafeUnwrap();
  }
  for (const number of [36, 63, 63, 10, 36]) {
    const before = counts.get(number) ?? 0;
    process.kill(process.pid, number);
    const arrived = () => (counts.get(number) ?? 0) === before + 1;
    await waitFor(`signal ${number}`, patienceMs, arrived);
  }
  t.same([...counts].sort(), [
    [10, 1],
    [36, 2],
    [63, 2],
  ]);
  await idle.terminate();
  t.equal(onSignal(99, () => {})._unsafeUnwrapErr(), 'Invalid argument');
});

/** Python, since Node has no datagrams over UNIX sockets. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind("\\0" + name[1:] if name[0] == "@" else name)
print("bound", flush=True)
while True:
    print(repr(s.recv(4096).decode()), flush=True)
`;

t.test('the service manager hears one datagram for each state', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of [join(folder, 'notify'), `@keelson-${process.pid}`]) {
    const python = spawn('python3', ['-c', listener, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let heard = '';
    python.stdout.on('data', (chunk) => {
      heard += String(chunk);
    });
    try {
      await waitFor('the listener', patienceMs, () => heard.includes('bound'));
      const complaints: string[] = [];
      const complain = (sentence: string) => complaints.push(sentence);
      notifyServiceManager('READY=1', complain, name);
      notifyServiceManager('RELOADING=1', complain, name);
      notifyServiceManager('STOPPING=1', complain, name);
      await waitFor('three datagrams', patienceMs, () => heard.includes('STOPPING'));
      t.match(heard, /'READY=1\\n'\n'RELOADING=1\\nMONOTONIC_USEC=\d+\\n'\n'STOPPING=1\\n'\n/);
      t.same(complaints, []);
    } finally {
      python.kill();
    }
  }
});

t.test('a service manager that is gone is complained of, none at all is not', (t) => {
  const complaints: string[] = [];
  const complain = (sentence: string) => complaints.push(sentence);
  notifyServiceManager('READY=1', complain, '/nonexistent/notify');
  notifyServiceManager('READY=1', complain, '');
  t.same(complaints, [
    'cannot tell the service manager (/nonexistent/notify): No such file or directory',
  ]);
  t.end();
});
