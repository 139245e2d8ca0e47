import t from 'tap';
import { helpText, parseGenhash } from '../../../src/cli/genhash/arguments.js';

const needed = ['-s', '192.0.2.1', '-p', '80', '-u', '/x'];

t.test('what is not said', (t) => {
  t.same(parseGenhash(needed)._unsafeUnwrap(), {
    type: 'hash',
    target: { address: '192.0.2.1', port: 80 },
    path: '/x',
    host: null,
    isTls: false,
    serverName: null,
    protocol: '1.0',
    timeoutMs: 5000,
    mark: 0,
    isVerbose: false,
    algorithm: 'md5',
  });
  t.end();
});

t.test('what is said', (t) => {
  const more = ['-SIv', '-V', 'a.b', '-P', '1.0c', '-t', '9', '-m', '7', '--algorithm=sha256'];
  t.match(parseGenhash([...needed, ...more])._unsafeUnwrap(), {
    host: 'a.b',
    isTls: true,
    serverName: 'a.b',
    protocol: '1.0C',
    timeoutMs: 9000,
    mark: 7,
    isVerbose: true,
    algorithm: 'sha256',
  });
  t.match(parseGenhash([...needed, '-S', '-V', 'a.b'])._unsafeUnwrap(), { serverName: null });
  const six = ['--server', '2001:db8::1', '--port=443', '--url=/'];
  t.match(parseGenhash(six)._unsafeUnwrap(), { target: { address: '2001:db8::1', port: 443 } });
  t.same(parseGenhash(['-h'])._unsafeUnwrap(), { type: 'help' });
  t.match(helpText, /^Usage: genhash/);
  t.end();
});

t.test('what is wrong is said in a sentence', (t) => {
  const wrong: readonly [readonly string[], RegExp][] = [
    [[], /-s, -p and -u are needed/],
    [['-s', 'name', '-p', '80', '-u', '/'], /IP address, not "name"/],
    [['-s', '192.0.2.1', '-p', '99999', '-u', '/'], /port from 1 to 65535, not "99999"/],
    [['-s', '192.0.2.1', '-p', '80', '-u', '/a b'], /without spaces/],
    [[...needed, '-t', '0'], /seconds from 1/],
    [[...needed, '-m', '-1'], /mark|argument/],
    [[...needed, '-P', '2'], /1\.0, 1\.0c or 1\.1, not "2"/],
    [[...needed, '-a', 'crc'], /md5, sha1, sha256, not "crc"/],
    [[...needed, 'extra'], /unexpected words: extra/],
    [['-q'], /-q/],
  ];
  for (const [words, sentence] of wrong) {
    t.match(parseGenhash(words)._unsafeUnwrapErr(), sentence, words.join(' '));
  }
  t.end();
});
