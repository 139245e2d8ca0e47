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
    pidFiles: { daemon: '/tmp/a.pid', vrrp: null, checkers: null, bfd: null },
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
  t.match(sentence('-i', '../evil'), /not an instance name/);
  t.equal(sentence('-f'), 'Missing parameter for option -f');
  t.equal(parseOptions(['-h'], {})._unsafeUnwrap().type, 'help');
  t.equal(parseOptions(['-v'], {})._unsafeUnwrap().type, 'version');
  t.end();
});

t.test('where files go and what is said to whom', (t) => {
  const words = ['-p', 'a', '-r', 'b', '-c', 'c', '-b', 'd', '-s', 'ns1', '-a', '-d', '-V', '-B'];
  t.match(run(...words), {
    pidFiles: { daemon: 'a', vrrp: 'b', checkers: 'c', bfd: 'd' },
    namespace: 'ns1',
    monitorsAddresses: true,
    dumpsConfig: true,
    keepsAddresses: true,
    runsBfd: false,
    remarks: [],
  });
  t.equal(run('-S', 'local7').logFacility, 23);
  t.equal(run('-S0').logFacility, 16);
  t.equal(run('--log-facility=user').logFacility, 1);
  t.match(run('-S', '9'), { logFacility: 3, remarks: ["Invalid log facility '9'"] });
  t.equal(run('-u', '022').umask, 0o22);
  t.equal(run('-u', '0x12').umask, 0x12);
  t.match(run('-u', 'zz'), { umask: null, remarks: ['Invalid --umask option zz'] });
  t.match(run('-u', '01000'), { umask: null, remarks: ['Invalid --umask option 01000'] });
  t.end();
});

t.test('as getopt_long: words anywhere, names cut short, values joined', (t) => {
  t.match(run('extra', '-n', 'more'), {
    foreground: true,
    remarks: ['Unexpected argument(s): extra more '],
  });
  t.equal(run('--dont-f').foreground, true);
  t.equal(parseOptions(['--d'], {})._unsafeUnwrapErr().text, 'Unknown option --d');
  t.equal(run('-f/etc/x').configFile, '/etc/x');
  t.same(run('-t/tmp/report').configTest, { file: '/tmp/report' });
  t.match(run('-tl'), { configTest: { file: null }, logsToConsole: true });
  t.equal(parseOptions(['-Z'], {})._unsafeUnwrapErr().text, 'Unknown option -Z');
  t.match(parseOptions(['--vrrp=1'], {})._unsafeUnwrapErr().text, /takes no parameter/);
  t.end();
});

t.test('--signum has the numbers that Debian answers with', (t) => {
  const numbers = (name: string) => parseOptions([`--signum=${name}`], {});
  const expected = { STOP: 15, RELOAD: 1, DATA: 10, STATS: 12, STATS_CLEAR: 63, JSON: 36 };
  for (const [name, number] of Object.entries(expected)) {
    t.same(numbers(name)._unsafeUnwrap(), { type: 'signal_number', number });
  }
  for (const name of ['TDUMP', 'toString']) {
    t.equal(numbers(name)._unsafeUnwrapErr().text, `Unknown sigfunc ${name}`);
  }
  t.end();
});

t.test('what is not here is said, not hidden', (t) => {
  t.match(run('-x', '-A', 'sock').remarks, [/SNMP/]);
  t.match(run('-m', '-M/tmp/core').remarks, [/LimitCORE/]);
  t.match(run('--core-dump-pattern=x', '-m').remarks, [/LimitCORE/]);
  t.match(parseOptions(['-T'], {})._unsafeUnwrapErr().text, /genhash/);
  t.end();
});
