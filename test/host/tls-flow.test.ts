// TLS of health probes against servers of node:tls, on loopback.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';
import t, { type Test } from 'tap';
import { pause } from '../../scripts/lab/namespaces.js';
import { HostFlows } from '../../src/host/flows.js';
import type { FlowSettings, OpenOutcome, TlsIdentity } from '../../src/ports/flows.js';
import { all, listening, plain } from './flow-peers.js';

const flows = new HostFlows();
const folder = mkdtempSync(join(tmpdir(), 'tls-flow-'));
t.teardown(() => {
  flows.end();
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => join(folder, name);
const openssl = (...words: string[]): void => {
  execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
};

/** An authority of our own, and certificates that it signed. */
openssl(
  ...'req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2'.split(' '),
  ...['-subj', '/CN=Test authority'],
);
for (const name of ['one.example', 'two.example', 'client']) {
  openssl(
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`],
    ...['-subj', `/CN=${name}`],
  );
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
    ...['-CAcreateserial', '-out', `${name}.pem`, '-days', '1'],
  );
}
openssl(...'rsa -aes128 -passout pass:secret -in client.key -out locked.key'.split(' '));
writeFileSync(file('rubbish.pem'), 'rubbish\n');

const nobody: TlsIdentity = {
  certificateFile: null,
  keyFile: null,
  keyPassword: null,
  authorityFile: null,
};

function keyPair(name: string): { readonly key: Buffer; readonly cert: Buffer } {
  return { key: readFileSync(file(`${name}.key`)), cert: readFileSync(file(`${name}.pem`)) };
}

type Answer = (tls: TLSSocket, socket: Socket) => void;

/** Talks TLS with who connects. */
async function serving(
  t: Test,
  answer: Answer,
  options: TLSSocketOptions = {},
): Promise<FlowSettings> {
  const { target } = await listening(t, (socket) => {
    const tls = new TLSSocket(socket, {
      isServer: true,
      ...keyPair('one.example'),
      minVersion: 'TLSv1',
      ...options,
    });
    tls.on('error', () => {});
    socket.on('error', () => {});
    tls.once('secure', () => answer(tls, socket));
  });
  return { ...plain, target, tls: { serverName: null, identity: nobody } };
}

async function reply(settings: FlowSettings): Promise<{ text: string; last: unknown }> {
  const opened = await flows.open(settings, 5_000);
  if (opened.type !== 'opened') return { text: '', last: opened };
  const { flow } = opened;
  await flow.send(Buffer.from('hello?'), 5_000);
  const { bytes, last } = await all(flow);
  flow.close();
  return { text: bytes.toString(), last };
}

const echoing: Answer = (tls) => {
  tls.once('data', (bytes: Buffer) => tls.end(`you said ${bytes.toString()}`));
};

t.test('each version, with any certificate', async (t) => {
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    const seen: (string | null)[] = [];
    const answer: Answer = (tls, socket) => {
      seen.push(tls.getProtocol());
      echoing(tls, socket);
    };
    const secureContext = createSecureContext({
      ...keyPair('one.example'),
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT:TLS_AES_256_GCM_SHA384:@SECLEVEL=0',
    });
    const settings = await serving(t, answer, { secureContext });
    t.strictSame(
      await reply(settings),
      { text: 'you said hello?', last: { type: 'ended', isClean: true } },
      version,
    );
    t.strictSame(seen, [version]);
  }
});

t.test('the name is sent as it is given, and no protocol is offered', async (t) => {
  const asked: string[] = [];
  const SNICallback: TLSSocketOptions['SNICallback'] = (name, done) => {
    asked.push(name);
    done(null, createSecureContext(keyPair('two.example')));
  };
  const protocols: unknown[] = [];
  const answer: Answer = (tls, socket) => {
    protocols.push(tls.alpnProtocol);
    echoing(tls, socket);
  };
  const settings = await serving(t, answer, { SNICallback, ALPNProtocols: ['http/1.1'] });
  for (const serverName of [null, 'two.example', '127.0.0.1']) {
    t.match(await reply({ ...settings, tls: { serverName, identity: nobody } }), {
      text: 'you said hello?',
    });
  }
  t.strictSame(asked, ['two.example'], 'a literal address is no server name');
  t.strictSame(protocols, [false, false, false]);
});

t.test('an identity is shown to who asks for it', async (t) => {
  const names: unknown[] = [];
  const answer: Answer = (tls, socket) => {
    names.push(tls.getPeerCertificate().subject.CN);
    echoing(tls, socket);
  };
  const settings = await serving(t, answer, {
    requestCert: true,
    rejectUnauthorized: true,
    ca: readFileSync(file('ca.pem')),
  });
  const withIdentity = (identity: Partial<TlsIdentity>): FlowSettings => {
    return { ...settings, tls: { serverName: null, identity: { ...nobody, ...identity } } };
  };
  const client = { certificateFile: file('client.pem'), keyFile: file('client.key') };
  const locked = { ...client, keyFile: file('locked.key') };
  t.match(await reply(withIdentity(client)), { text: 'you said hello?' });
  const unlocked = { ...locked, keyPassword: 'secret', authorityFile: file('ca.pem') };
  t.match(await reply(withIdentity(unlocked)), { text: 'you said hello?' });
  t.strictSame(names, ['client', 'client']);

  const refusals: readonly [Partial<TlsIdentity>, RegExp][] = [
    [{ certificateFile: file('absent.pem') }, /^cannot read .*absent.pem: No such file or dir/],
    [{ certificateFile: file('rubbish.pem') }, /^cannot use .*rubbish.pem: no start line$/],
    [locked, /^cannot use .*client.pem, .*locked.key: bad decrypt$/],
    [{ ...locked, keyPassword: 'wrong' }, /^cannot use .*: bad decrypt$/],
    [{ ...client, keyFile: file('ca.key') }, /^cannot use .*: key values mismatch$/],
  ];
  for (const [identity, reason] of refusals) {
    t.match(await flows.open(withIdentity(identity), 5_000), { type: 'failed', reason });
  }

  const renewed = join(t.testdir(), 'renewed.pem');
  copyFileSync(file('client.pem'), renewed);
  const renewable = withIdentity({ ...client, certificateFile: renewed });
  t.match(await reply(renewable), { text: 'you said hello?' });
  writeFileSync(renewed, 'rubbish');
  t.match(await reply(renewable), { text: 'you said hello?' }, 'it was read once');
  flows.renewIdentities();
  t.match(await flows.open(renewable, 5_000), { type: 'failed', reason: /^cannot use/ });
});

t.test('an end without close_notify is told', async (t) => {
  const large = Buffer.alloc(300_000, 'z').toString();
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const text of ['', 'some', large]) {
      const cutting: Answer = (tls, socket) => {
        tls.once('data', () => {
          // Below TLS: the FIN comes without a word.
          if (text === '') socket.end();
          else tls.write(text, () => socket.end());
        });
      };
      const cut = await reply(await serving(t, cutting, { maxVersion: version }));
      t.equal(cut.text, text);
      t.strictSame(cut.last, { type: 'ended', isClean: false }, `${version} ${text.length}`);
      const whole: Answer = (tls) => tls.once('data', () => tls.end(text));
      const clean = await reply(await serving(t, whole, { maxVersion: version }));
      t.equal(clean.text, text);
      t.strictSame(clean.last, { type: 'ended', isClean: true }, `${version} ${text.length}`);
    }
  }
});

t.test('an end is told as it was, however late it is asked for', async (t) => {
  for (const isClean of [true, false]) {
    const answer: Answer = (tls, socket) => {
      // Node.js forgets the close_notify of an end that comes with the handshake's.
      setTimeout(() => {
        if (isClean) tls.end('bye');
        else tls.write('bye', () => socket.end());
      }, 50);
    };
    const opened = await flows.open(await serving(t, answer), 5_000);
    if (opened.type !== 'opened') throw new Error(JSON.stringify(opened));
    await pause(200);
    const { bytes, last } = await all(opened.flow, 2);
    t.equal(bytes.toString(), 'bye');
    t.strictSame(last, { type: 'ended', isClean });
    opened.flow.close();
  }
});

t.test('servers that are not what they should be', async (t) => {
  const against = async (accepted: (socket: Socket) => void): Promise<OpenOutcome> => {
    const { target } = await listening(t, (socket) => {
      socket.on('error', () => {});
      accepted(socket);
    });
    const tls = { serverName: null, identity: nobody };
    return flows.open({ ...plain, target, tls }, 300);
  };
  t.strictSame(await against(() => {}), { type: 'timed_out' });
  t.strictSame(await against((socket) => void socket.write('220 hello\r\n')), {
    type: 'failed',
    reason: 'TLS: wrong version number',
  });
  const ended = { type: 'failed', reason: 'the connection ended in the TLS handshake' };
  t.strictSame(await against((socket) => socket.once('data', () => socket.end())), ended);
  t.strictSame(await against((socket) => socket.once('data', () => socket.resetAndDestroy())), {
    type: 'failed',
    reason: 'Connection reset by peer',
  });
  const endless = Buffer.alloc(65_536, 0x16);
  t.match(await against((socket) => void socket.write(endless)), { type: 'failed' });
  const alert = Buffer.from('15030300020228', 'hex');
  t.match(await against((socket) => socket.once('data', () => socket.end(alert))), {
    type: 'failed',
    reason: /^TLS: .*handshake failure$/,
  });
});

t.test('one is closed with close_notify and FIN, and once', async (t) => {
  const ends: string[] = [];
  const answer: Answer = (tls, socket) => {
    tls.on('end', () => ends.push('close_notify'));
    socket.on('close', (hadError) => ends.push(hadError ? 'reset' : 'closed'));
    tls.resume();
    tls.write('a greeting that nobody reads');
  };
  const opened = await flows.open(await serving(t, answer), 5_000);
  if (opened.type !== 'opened') throw new Error(JSON.stringify(opened));
  opened.flow.close();
  opened.flow.close();
  t.match(await opened.flow.receive(10, 1_000), { type: 'failed' });
  t.match(await opened.flow.send(Buffer.from('x'), 1_000), { type: 'failed' });
  for (let tries = 0; tries < 100 && ends.length < 2; tries++) await pause(20);
  t.strictSame(ends, ['close_notify', 'closed']);
});

t.test('a server that is silent after the handshake costs its time', async (t) => {
  const settings = await serving(t, () => {});
  const opened = await flows.open(settings, 5_000);
  if (opened.type !== 'opened') throw new Error(JSON.stringify(opened));
  t.strictSame(await opened.flow.receive(10, 50), { type: 'timed_out' });
  t.equal(await opened.flow.send(Buffer.from('x'), 1_000), null);
  t.strictSame(await opened.flow.receive(10, 50), { type: 'timed_out' });
  opened.flow.close();
});
