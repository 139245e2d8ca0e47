// The operator's log: syslog, and standard error in the form of `keepalived -n -l`. Writing a line
// never throws and never waits for another thread; a line that cannot be written is lost.
import { writeSync } from 'node:fs';
import type { Log, LogLevel } from '../ports/log.js';
import { writeSyslog } from './sockets.js';

export type LogOptions = {
  /** -l */
  readonly toConsole: boolean;
  /** Off with -G. */
  readonly toSyslog: boolean;
  /** -D: debug lines too. */
  readonly isDetailed: boolean;
  /** -S: a facility of RFC 5424; 0, the default, is that of daemons. */
  readonly facility?: number;
};

/** Where lines go; tests pass their own. */
export type LogSinks = {
  readonly console: (line: string) => void;
  readonly syslog: (priority: number, line: string) => void;
  readonly now: () => Date;
};

/** RFC 5424 section 6.2.1. */
const priorities: Readonly<Record<LogLevel, number>> = {
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

const standardError = 2;
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export class HostLog implements Log {
  readonly #options: LogOptions;
  readonly #sinks: LogSinks;

  constructor(options: LogOptions, sinks: LogSinks = hostSinks) {
    this.#options = options;
    this.#sinks = sinks;
  }

  write(level: LogLevel, line: string): void {
    const { toConsole, toSyslog, isDetailed, facility = 0 } = this.#options;
    if (level === 'debug' && !isDetailed) return;
    const text = singleLine(line);
    if (toConsole) attempt(() => this.#sinks.console(consoleLine(this.#sinks.now(), text)));
    if (toSyslog) attempt(() => this.#sinks.syslog(8 * facility + priorities[level], text));
  }
}

/** "Sat Nov 21 06:01:56 2026: text", in local time. */
export function consoleLine(now: Date, text: string): string {
  const day = `${days[now.getDay()]} ${months[now.getMonth()]} ${padded(now.getDate(), ' ')}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((n) => padded(n, '0'));
  return `${day} ${time.join(':')} ${now.getFullYear()}: ${text}\n`;
}

const hostSinks: LogSinks = {
  // One write call a line: lines of several threads do not mix, and none waits for the main thread.
  console: (line) => writeSync(standardError, line),
  syslog: writeSyslog,
  now: () => new Date(),
};

function padded(number: number, fill: string): string {
  return String(number).padStart(2, fill);
}

/** Names out of packets and files must not forge lines of their own. */
function singleLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

/** A full pipe or a closed terminal must not stop the daemon. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // There is nowhere left to say so.
  }
}
