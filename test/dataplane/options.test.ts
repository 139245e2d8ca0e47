import t from 'tap';
import { helpText, parseOptions } from '../../src/dataplane/options.js';

function options(line: string, environment = {}) {
  return parseOptions(line === '' ? [] : line.split(' '), environment);
}

t.test('nothing said', (t) => {
  t.same(options('')._unsafeUnwrap(), {
    type: 'run',
    options: {
      configFile: null,
      place: { runtimeDirectory: '/run/keelson', instance: null },
      pidFile: '/run/keelson/dataplane.pid',
    },
  });
  t.end();
});

t.test('everything said', (t) => {
  const expected = {
    type: 'run',
    options: {
      configFile: 'a.conf',
      place: { runtimeDirectory: '/tmp/x', instance: 'lb1' },
      pidFile: '/tmp/p',
    },
  };
  t.same(options('-f a.conf --runtime-dir /tmp/x -i lb1 -p /tmp/p')._unsafeUnwrap(), expected);
  t.same(
    options('--use-file=a.conf --runtime-dir=/tmp/x --instance=lb1 --pid=/tmp/p')._unsafeUnwrap(),
    expected,
  );
  t.end();
});

t.test('the environment, help and version', (t) => {
  t.match(options('', { KEELSON_INSTANCE: 'lb2' })._unsafeUnwrap(), {
    options: { pidFile: '/run/keelson/dataplane_lb2.pid' },
  });
  t.same(options('-h -v')._unsafeUnwrap(), { type: 'help' });
  t.same(options('--version')._unsafeUnwrap(), { type: 'version' });
  for (const option of ['-f', '-i', '-p', '--runtime-dir', '-v', '-h']) t.match(helpText, option);
  t.end();
});

t.test('mistakes', (t) => {
  const cases: readonly [string, string][] = [
    ['start', 'unexpected argument "start"'],
    ['-z', '-z is not supported'],
    ['-f', '-f needs a value'],
    ['-f -v', '-f needs a value'],
    ['-i ../x', '"../x" is not an instance name'],
  ];
  for (const [line, reason] of cases) {
    t.match(options(line)._unsafeUnwrapErr().reason, reason, line);
  }
  t.end();
});
