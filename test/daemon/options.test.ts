import t from 'tap';
import { parseOptions } from '../../src/daemon/options.js';

const run = (...words: string[]) => {
  const command = parseOptions(words, {})._unsafeUnwrap();
  if (command.type !== 'run') throw new Error('assertion: expected a run');
  return command.options;
};

t.test("keepalived's letters, alone and together", (t) => {
  const options = run('-nlD', '-G', '-f', '/tmp/a.conf', '-p', '/tmp/a.pid');
  t.match(options, {
    configFile: '/tmp/a.conf',
    foreground: true,
    logsToConsole: true,
    logsDetail: true,
    logsToSyslog: false,
    pidFile: '/tmp/a.pid',
    configTest: null,
    runsVrrp: true,
    runsCheckers: true,
  });
  t.equal(run().configFile, '/etc/keepalived/keepalived.conf');
  t.match(run('-P'), { runsVrrp: true, runsCheckers: false });
  t.match(run('-C'), { runsVrrp: false, runsCheckers: true });
  t.match(run('--use-file=/x', '--dont-fork'), { configFile: '/x', foreground: true });
  t.end();
});

t.test('-t with and without a file', (t) => {
  t.same(run('-t').configTest, { file: null });
  t.same(run('--config-test').configTest, { file: null });
  t.same(run('--config-test=/tmp/report').configTest, { file: '/tmp/report' });
  t.same(run('-t', '-f', '/x').configFile, '/x');
  t.end();
});

t.test('the place comes from the command line, then the environment', (t) => {
  const environment = { KEELSON_RUNTIME_DIR: '/run/a', KEELSON_INSTANCE: 'one' };
  const place = (...words: string[]) => {
    const command = parseOptions(words, environment)._unsafeUnwrap();
    return command.type === 'run' ? command.options.place : null;
  };
  t.same(place(), { runtimeDirectory: '/run/a', instance: 'one' });
  t.same(place('--runtime-dir', '/run/b', '-i', 'two'), {
    runtimeDirectory: '/run/b',
    instance: 'two',
  });
  t.same(run().place, { runtimeDirectory: '/run/keelson', instance: null });
  t.end();
});

t.test('what is wrong is said in words', (t) => {
  const sentence = (...words: string[]) => parseOptions(words, {})._unsafeUnwrapErr().text;
  t.equal(sentence('--x'), 'Unknown option --x');
  t.match(sentence('word'), /^Unexpected argument/);
  t.match(sentence('-i', '../evil'), /not an instance name/);
  t.match(sentence('-f'), /argument missing/);
  t.equal(parseOptions(['-h'], {})._unsafeUnwrap().type, 'help');
  t.equal(parseOptions(['-v'], {})._unsafeUnwrap().type, 'version');
  t.end();
});
