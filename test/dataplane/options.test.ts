import t from 'tap';
import { helpText, parseOptions } from '../../src/dataplane/options.js';

function options(line: string, environment = {}) {
  return parseOptions(line === '' ? [] : line.split(' '), environment);
}

t.test('nothing said', (t) => {
  t.same(options('')._unsafeUnwrap(), {
    type: 'run',
    options: {
      config: null,
      isTest: false,
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
      config: { format: 'keepalived', path: 'a.conf' },
      isTest: false,
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

t.test('as DPVS is started', (t) => {
  const eal = { devices: ['01:00.0'], cpus: null, hugepages: 'auto', warnings: [] };
  const dpvs = (path: string) => ({ options: { config: { format: 'dpvs', path, eal } } });
  t.match(options('-c d.conf -p /tmp/p -- -a 01:00.0')._unsafeUnwrap(), dpvs('d.conf'));
  t.match(options('--conf=d.conf -- -a 01:00.0')._unsafeUnwrap(), dpvs('d.conf'));
  t.match(options('-- -a 01:00.0')._unsafeUnwrap(), dpvs('/etc/dpvs.conf'));
  t.end();
});

t.test('tests of a file need no devices', (t) => {
  const tested = (line: string): unknown => {
    const command = options(line)._unsafeUnwrap();
    if (command.type !== 'run') return command.type;
    return [command.options.isTest, command.options.config?.format, command.options.config?.path];
  };
  t.same(tested('-t -c d.conf'), [true, 'dpvs', 'd.conf']);
  t.same(tested('--config-test -f k.conf'), [true, 'keepalived', 'k.conf']);
  t.same(tested('-t'), [true, 'dpvs', '/etc/dpvs.conf']);
  t.end();
});

t.test('the environment, help and version', (t) => {
  t.match(options('', { KEELSON_INSTANCE: 'lb2' })._unsafeUnwrap(), {
    options: { pidFile: '/run/keelson/dataplane_lb2.pid' },
  });
  t.same(options('-h -v')._unsafeUnwrap(), { type: 'help' });
  t.same(options('--version')._unsafeUnwrap(), { type: 'version' });
  for (const option of [
    '-f',
    '-c',
    '-t',
    '-l',
    '-a',
    '--vdev',
    '-i',
    '-p',
    '--runtime-dir',
    '-v',
    '-h',
  ])
    t.match(helpText, option);
  t.end();
});

t.test('mistakes', (t) => {
  const cases: readonly [string, string][] = [
    ['start', 'unexpected argument "start"'],
    ['-z', '-z is not supported'],
    ['-f', '-f needs a value'],
    ['-f -v', '-f needs a value'],
    ['-c --', '-c needs a value'],
    ['-c d.conf', 'no device is named: -- -a 0000:01:00.0'],
    ['-c d.conf --', 'no device is named: -- -a 0000:01:00.0'],
    ['-c d.conf -- --nonsense', '--nonsense is no option of DPDK'],
    ['-c d.conf -f k.conf', '-f and -c name different kinds of files'],
    ['-f k.conf -- -a 01:00.0', 'the dataplane block names the devices'],
    ['-i ../x', '"../x" is not an instance name'],
  ];
  for (const [line, reason] of cases) {
    t.match(options(line)._unsafeUnwrapErr().reason, reason, line);
  }
  t.end();
});
