import t from 'tap';
import { Report } from '../../src/config/diagnostic.js';
import { checkKeys } from '../../src/config/key-checks.js';
import { type ConfigRead, readConfig } from '../../src/config/read.js';
import { hostView } from '../../src/host/host-view.js';
import { type Files, TextFiles } from './loaded.js';
import { loadSettings } from './text.js';

const digits = '00112233445566778899aabbccddeeff'.repeat(2);
const word = 'abcdefghijklmnopqrstuvwxyz012345';

function written(lines: string, more = ''): string {
  return `vrrp_instance V {
interface eth0
virtual_router_id 5
virtual_ipaddress {
192.0.2.1
}
auth_hmac {
${lines}
}
${more}
}
`;
}

function read(text: string, files: Files = {}): ConfigRead {
  const all = new TextFiles({ '/etc/k.conf': text, ...files });
  const settings = { ...loadSettings, routerId: 'this', host: null };
  return readConfig('/etc/k.conf', all, settings)._unsafeUnwrap();
}

function signing(lines: string, more = '', files: Files = {}) {
  return read(written(lines, more), files).config.vrrpInstances[0]?.signing;
}

/** Of an instance that is left out. */
function errorOf(lines: string, files: Files = {}): string {
  const { config, diagnostics } = read(written(lines), files);
  if (config.vrrpInstances.length > 0) return 'none';
  return diagnostics.map(({ severity, message }) => `${severity}: ${message}`).join('; ');
}

t.test('keys, as text, digits and in files', (t) => {
  const one = { id: 1, digits: Buffer.from(word).toString('hex') };
  t.strictSame(signing(`key 1 ${word}`), {
    keys: [one],
    active: one,
    takesUnsigned: false,
    windowSeconds: 5,
  });
  const files = { '/k2': `hex:${digits.toUpperCase()}\n`, '/k3': `${word}\r\n` };
  t.match(signing(`key 1 ${word}\nkey 2 file:/k2\nkey 3 file:/k3\nactive_key 2`, '', files), {
    keys: [one, { id: 2, digits }, { id: 3, digits: one.digits }],
    active: { id: 2 },
  });
  t.equal(read('').config.vrrpInstances.length, 0);
  t.end();
});

t.test('modes and windows', (t) => {
  const key = `key 1 ${word}`;
  t.match(signing(`${key}\nmode permissive`), { active: { id: 1 }, takesUnsigned: true });
  t.match(signing(`${key}\nmode receive-only`), { active: null, takesUnsigned: true });
  t.match(signing(`${key}\nmode permissive`, 'strict_mode'), { takesUnsigned: false });
  t.match(signing(`${key}\nanti_replay monotonic`), { windowSeconds: null });
  t.match(signing(`${key}\ntime_window 20`), { windowSeconds: 20 });
  t.match(signing(key, 'advert_int 10'), { windowSeconds: 30 });
  t.match(signing(key, 'advert_int 200'), { windowSeconds: 300 });
  t.equal(read(written(key).replace(/auth_hmac[^}]*}/, '')).config.vrrpInstances[0]?.signing, null);
  t.end();
});

t.test('an instance whose keys are wrong is left out', (t) => {
  t.match(errorOf('mode enforce'), /error: auth_hmac has no key/);
  t.match(errorOf(`key 1 ${word}\nactive_key 2`), /auth_hmac has no key 2, only 1/);
  t.match(errorOf(`key 1 ${word}\nkey 2 ${word}`), /has keys 1, 2; say with active_key/);
  t.match(errorOf('key 1 file:/none'), /key 1: cannot read \/none: no such file/);
  t.match(errorOf('key 1 file:/k', { '/k': 'short' }), /\/k has no key; write 32 to 64/);
  t.end();
});

t.test('what is said besides', (t) => {
  const saidOf = (lines: string, more = '') =>
    read(written(lines, more)).diagnostics.map(({ message }) => message);
  t.match(saidOf(`key 1 ${word}\nkey 1 hex:${digits}`), [/has a key 1 already/]);
  const password = 'authentication {\nauth_type PASS\nauth_pass x\n}';
  t.match(saidOf(`key 1 ${word}`, password), [/auth_hmac takes the place of authentication/]);
  t.match(saidOf(`key 1 ${word}\nmode permissive`, 'strict_mode'), [/must enforce in strict mode/]);
  t.end();
});

t.test('a key that others may read', (t) => {
  const { root } = read(written('key 1 file:/k\nkey 2 file:/l\nactive_key 1'));
  const report = new Report();
  checkKeys(root, { ...hostView, isPrivate: (path) => path !== '/l' }, report);
  t.match(report.diagnostics, [{ severity: 'error', code: 'config.open_key', line: 9 }]);
  t.ok(hostView.isPrivate('/no/such/key'));
  t.notOk(hostView.isPrivate('/etc/passwd'));
  t.end();
});
