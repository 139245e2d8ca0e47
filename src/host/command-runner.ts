// Commands of the configuration on this machine, as keepalived runs them: each leads its own
// process group, has /dev/null for standard input and output, the owner's user and group, and none
// of the variables by which its environment could change what it does. All end with the daemon.
import { closeSync, constants as fileConstants, openSync, readSync, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import type { Clock, Timer } from '../ports/clock.js';
import type {
  CommandEnd,
  CommandLine,
  CommandOptions,
  CommandOwner,
  CommandRunner,
} from '../ports/command-runner.js';
import type { Log } from '../ports/log.js';
import { isProgram, programPath } from './program-path.js';
import {
  describeCause,
  describeSocketsError,
  type StartedCommand,
  startCommand,
} from './sockets.js';

export type CommandBounds = {
  /** Commands with a timeout that run at once. */
  readonly runningMax: number;
  /** Those that wait for their turn; the next one is not started at all. */
  readonly waitingMax: number;
  /** Commands without a timeout, which wait for nobody; the next one is not started at all. */
  readonly unlimitedMax: number;
};

export const commandBoundsDefault: CommandBounds = {
  runningMax: 64,
  waitingMax: 1024,
  unlimitedMax: 1024,
};

/** Between the request to end and the end by force. */
const graceMs = 2_000;
/** The kernel reads so much of a #! line. */
const beginningBytes = 256;
/** Programs that are named in the log. */
const untidyMax = 1_000;
const dangerousVariables = ['IFS', 'LD_PRELOAD', 'LD_LIBRARY_PATH'];

type Waiting = {
  readonly command: CommandLine;
  readonly options: CommandOptions;
  readonly ended: (end: CommandEnd) => void;
};

export class HostCommandRunner implements CommandRunner {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #bounds: CommandBounds;
  readonly #groups = new Set<ProcessGroup>();
  readonly #waiting: Waiting[] = [];
  #limited = 0;
  #isFull = false;
  #isEnding = false;
  #idle: (() => void)[] = [];
  /** Programs that have left processes behind. */
  readonly #untidy = new Set<string>();

  constructor(clock: Clock, log: Log, bounds: CommandBounds = commandBoundsDefault) {
    this.#clock = clock;
    this.#log = log;
    this.#bounds = bounds;
  }

  run(command: CommandLine, options: CommandOptions): Promise<CommandEnd> {
    const { runningMax, waitingMax, unlimitedMax } = this.#bounds;
    if (this.#isEnding) return notStarted('the daemon is ending');
    if (options.timeoutMs === null) {
      if (this.#groups.size - this.#limited < unlimitedMax) return this.#start(command, options);
      return this.#refuse(`${unlimitedMax} commands run already`);
    }
    if (this.#limited < runningMax) return this.#startLimited(command, options);
    if (this.#waiting.length >= waitingMax) {
      return this.#refuse(`${waitingMax} commands wait for their turn already`);
    }
    return new Promise((ended) => this.#waiting.push({ command, options, ended }));
  }

  /** Resolves when no command runs or waits, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(timeoutMs, resolve);
      this.#idle.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /** Ends every command, by force where asking does not help; no other one is started. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const { ended } of this.#waiting.splice(0)) {
      ended({ type: 'not_started', reason: 'the daemon is ending' });
    }
    await Promise.all([...this.#groups].map((group) => group.terminate()));
  }

  get #isIdle(): boolean {
    return this.#groups.size === 0 && this.#waiting.length === 0;
  }

  /** One line for each time that the bound is reached, not for each command. */
  #refuse(reason: string): Promise<CommandEnd> {
    if (!this.#isFull) this.#log.write('error', `Commands are not run: ${reason}`);
    this.#isFull = true;
    return notStarted(reason);
  }

  /** Once for each program. */
  #nameLeftovers([program = '']: readonly string[]): void {
    if (this.#untidy.has(program) || this.#untidy.size >= untidyMax) return;
    this.#untidy.add(program);
    const remedy = 'it must wait for what it starts';
    this.#log.write('warning', `${program} left processes behind, which are ended: ${remedy}`);
  }

  async #startLimited(command: CommandLine, options: CommandOptions): Promise<CommandEnd> {
    this.#limited += 1;
    const end = await this.#start(command, options);
    this.#limited -= 1;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#startLimited(next.command, next.options).then(next.ended);
    return end;
  }

  async #start(
    command: CommandLine,
    { timeoutMs, leavesNothing }: CommandOptions,
  ): Promise<CommandEnd> {
    const started = startGroup(command, this.#clock);
    if (typeof started === 'string') return { type: 'not_started', reason: started };
    this.#groups.add(started);
    const timer =
      timeoutMs === null ? null : this.#clock.setTimer(timeoutMs, () => started.timeOut());
    const end = await started.ended;
    timer?.cancel();
    this.#groups.delete(started);
    if (leavesNothing === true && started.endRest()) this.#nameLeftovers(command.words);
    if (this.#isIdle) {
      this.#isFull = false;
      for (const resolve of this.#idle.splice(0)) resolve();
    }
    return end;
  }
}

type ExitStatus = { readonly code: number; readonly signal: number };

const signalNames = new Map(
  Object.entries(osConstants.signals).map(([name, number]) => [number as number, name]),
);

/** A command and everything that it started without leaving its group. */
class ProcessGroup {
  readonly #command: StartedCommand;
  readonly #clock: Clock;
  readonly ended: Promise<CommandEnd>;
  #isTimedOut = false;
  #isAsked = false;
  #hasEnded = false;
  #force: Timer | null = null;

  constructor(command: StartedCommand, end: Promise<ExitStatus>, clock: Clock) {
    this.#command = command;
    this.#clock = clock;
    this.ended = end.then((status) => this.#exited(status));
  }

  timeOut(): void {
    this.#isTimedOut = true;
    void this.terminate();
  }

  async terminate(): Promise<void> {
    if (!this.#isAsked && !this.#hasEnded) {
      this.#isAsked = true;
      this.#kill('SIGTERM');
      this.#force = this.#clock.setTimer(graceMs, () => this.#kill('SIGKILL'));
    }
    await this.ended;
  }

  /** The command has ended: ends what it left in its group; false: nothing. */
  endRest(): boolean {
    if (this.#isAsked || !this.#kill('SIGTERM')) return false;
    this.#clock.setTimer(graceMs, () => this.#kill('SIGKILL'));
    return true;
  }

  #exited({ code, signal }: ExitStatus): CommandEnd {
    this.#hasEnded = true;
    this.#force?.cancel();
    // What it started must not outlive it, once we have asked it to end.
    if (this.#isAsked) this.#kill('SIGKILL');
    if (this.#isTimedOut) return { type: 'timed_out' };
    if (signal === 0) return { type: 'exited', code };
    return { type: 'killed', signal: signalNames.get(signal) ?? `${signal}` };
  }

  /** false: the group is empty. */
  #kill(signal: NodeJS.Signals): boolean {
    try {
      return process.kill(-this.#command.pid, signal);
    } catch {
      return false;
    }
  }
}

/** Or the reason why not. */
function startGroup({ words, owner }: CommandLine, clock: Clock): ProcessGroup | string {
  try {
    const direct = wordsToStart(words, owner);
    if (typeof direct === 'string') return direct;
    const all = owner === null || isOurs(owner) ? direct : [...leash(owner), ...direct];
    const [program = ''] = all;
    let tell: (status: ExitStatus) => void = () => {};
    const end = new Promise<ExitStatus>((resolve) => {
      tell = resolve;
    });
    const started = startCommand(program, all, safeEnvironment(process.env), (code, signal) =>
      tell({ code, signal }),
    );
    if (started.isErr()) return describeSocketsError(started.error);
    return new ProcessGroup(started.value, end, clock);
  } catch (cause) {
    return describeCause(cause);
  }
}

function isOurs({ uid, gid }: CommandOwner): boolean {
  return uid === process.getuid?.() && gid === process.getgid?.();
}

/** Gives a command its user and group; only then can it be tied to our thread again. */
function leash({ uid, gid }: CommandOwner): readonly string[] {
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  return ['/usr/bin/setpriv', ...ids, '--pdeathsig=TERM', '--'];
}

/** As keepalived: binaries and #! scripts directly, other texts by the shell. Or why not. */
function wordsToStart(
  words: readonly string[],
  owner: CommandOwner | null,
): readonly string[] | string {
  const [name = '', ...rest] = words;
  const program = programPath(name);
  if (program === null) return `there is no program ${name} to run`;
  if (owner !== null && !mayRun(owner, program)) {
    return `${program} is not executable for uid:gid ${owner.uid}:${owner.gid}`;
  }
  const beginning = beginningOf(program);
  const interpreter = /^#![ \t]*([^\s\0]+)/.exec(beginning ?? '')?.[1];
  if (interpreter !== undefined && !isProgram(interpreter)) {
    return `there is no ${interpreter} to run ${program} by`;
  }
  if (beginning === null || /^(\x7fELF|#!)/.test(beginning)) return [program, ...rest];
  return ['/bin/sh', '-c', [program, ...rest].map(shellQuoted).join(' ')];
}

/** By the bits, as keepalived looks. Else setpriv would say so by an exit code of its own. */
function mayRun({ uid, gid }: CommandOwner, program: string): boolean {
  if (uid === 0) return true;
  const { uid: ownUid, gid: ownGid, mode } = statSync(program);
  const { S_IXUSR, S_IXGRP, S_IXOTH } = fileConstants;
  if (uid === ownUid) return (mode & S_IXUSR) !== 0;
  return (mode & (gid === ownGid ? S_IXGRP : S_IXOTH)) !== 0;
}

/** null: it may be run and not read; the kernel knows what to do with it. */
function beginningOf(program: string): string | null {
  const beginning = Buffer.alloc(beginningBytes);
  try {
    const file = openSync(program, fileConstants.O_RDONLY | fileConstants.O_NONBLOCK);
    try {
      return beginning.toString('latin1', 0, readSync(file, beginning, 0, beginningBytes, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function safeEnvironment(environment: NodeJS.ProcessEnv): readonly string[] {
  const entries = Object.entries(environment);
  return entries
    .filter(([name]) => !dangerousVariables.includes(name))
    .map(([name, value]) => `${name}=${value}`);
}

function notStarted(reason: string): Promise<CommandEnd> {
  return Promise.resolve({ type: 'not_started', reason });
}
