import t from 'tap';
import { consoleLine, HostLog, type LogOptions } from '../../src/host/log.js';
import type { LogLevel } from '../../src/ports/log.js';

const now = new Date(2026, 10, 21, 6, 1, 56);
const levels: readonly LogLevel[] = ['error', 'warning', 'notice', 'info', 'debug'];

function written(options: Partial<LogOptions>, ...lines: readonly (readonly [LogLevel, string])[]) {
  const toConsole: string[] = [];
  const toSyslog: (readonly [number, string])[] = [];
  const all = { toConsole: true, toSyslog: true, isDetailed: false, ...options };
  const log = new HostLog(all, {
    console: (line) => toConsole.push(line),
    syslog: (priority, line) => toSyslog.push([priority, line]),
    now: () => now,
  });
  for (const [level, line] of lines) log.write(level, line);
  return { toConsole, toSyslog };
}

t.test('lines look like those of keepalived -l', (t) => {
  t.equal(consoleLine(now, 'Starting'), 'Sat Nov 21 06:01:56 2026: Starting\n');
  const padded = new Date(2026, 0, 4, 23, 59, 9);
  t.equal(consoleLine(padded, 'x'), 'Sun Jan  4 23:59:09 2026: x\n');
  t.end();
});

t.test('levels become priorities; debug lines need -D', (t) => {
  const lines = levels.map((level) => [level, level] as const);
  const brief = written({}, ...lines);
  t.strictSame(
    brief.toSyslog.map(([priority]) => priority),
    [3, 4, 5, 6],
  );
  t.equal(brief.toConsole.length, 4);
  const detailed = written({ isDetailed: true }, ...lines);
  t.strictSame(detailed.toSyslog.at(-1), [7, 'debug']);
  t.end();
});

t.test('-l and -G choose where lines go', (t) => {
  const silent = written({ toConsole: false }, ['info', 'x']);
  t.equal(silent.toConsole.length, 0);
  t.equal(silent.toSyslog.length, 1);
  const noSyslog = written({ toSyslog: false }, ['info', 'x']);
  t.equal(noSyslog.toConsole.length, 1);
  t.equal(noSyslog.toSyslog.length, 0);
  t.end();
});

t.test('one call, one line', (t) => {
  const { toConsole, toSyslog } = written({}, ['info', 'one\nSat Nov 21: two\r\n\u001b[31mred']);
  t.equal(toConsole.length, 1);
  t.equal(toConsole[0]?.indexOf('\n'), (toConsole[0]?.length ?? 0) - 1);
  t.strictSame(toSyslog, [[6, 'one Sat Nov 21: two [31mred']]);
  t.end();
});

t.test('a log that cannot be written is silent', (t) => {
  const options = { toConsole: true, toSyslog: true, isDetailed: true };
  const lines: string[] = [];
  const log = new HostLog(options, {
    console: () => {
      throw new Error('EAGAIN');
    },
    syslog: (_priority, line) => lines.push(line),
    now: () => now,
  });
  t.doesNotThrow(() => log.write('error', 'still here'));
  t.strictSame(lines, ['still here']);
  t.end();
});
