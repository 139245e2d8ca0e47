// The processes of this machine: /proc, and the kernel's news of them.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { err, ok, type Result } from 'neverthrow';
import type {
  ProcessList,
  ProcessListError,
  ProcessNews,
  SeenProcess,
} from '../ports/process-list.js';
import { decodeNews, encodeListening } from './process-news.js';
import {
  describeCause,
  describeErrorNumber,
  describeSocketsError,
  openProcessSocket,
  type RouteEvent,
} from './sockets.js';

/** Between two turns of the loop: some 2 ms. */
const processesPerTurn = 100;
/** A command line is compared as far as this. */
const commandBytesMax = 4096;

export class HostProcessList implements ProcessList {
  async list(withWords: boolean): Promise<Result<readonly SeenProcess[], ProcessListError>> {
    let names: readonly string[];
    try {
      names = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
    } catch (cause) {
      return failed(describeCause(cause));
    }
    const seen: SeenProcess[] = [];
    for (const [index, name] of names.entries()) {
      const process = this.look(Number(name), withWords);
      if (process !== null) seen.push(process);
      if (index % processesPerTurn === processesPerTurn - 1) await setImmediate();
    }
    return ok(seen);
  }

  look(pid: number, withWords: boolean): SeenProcess | null {
    try {
      // "pid (name) state ...", and the name may hold anything.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const end = stat.lastIndexOf(')');
      const state = stat.charAt(end + 2);
      if (state === 'Z' || state === 'X') return null;
      const name = stat.slice(stat.indexOf('(') + 1, end);
      return { pid, name, words: withWords ? commandOf(pid) : [] };
    } catch {
      return null;
    }
  }

  watch(happened: (news: ProcessNews) => void): Result<() => void, ProcessListError> {
    const opened = openProcessSocket((event) => tell(event, happened));
    if (opened.isErr()) return failed(describeSocketsError(opened.error));
    const socket = opened.value;
    const asked = socket.send(encodeListening());
    if (asked.isOk()) return ok(() => socket.close());
    socket.close();
    return failed(describeSocketsError(asked.error));
  }
}

function tell(event: RouteEvent, happened: (news: ProcessNews) => void): void {
  switch (event.type) {
    case 'received':
      for (const news of decodeNews(event.messages)) happened(news);
      break;
    case 'overrun':
      happened({ type: 'overrun' });
      break;
    case 'failed':
      happened({ type: 'lost', reason: describeErrorNumber(event.errorNumber) });
      break;
  }
}

/** Each word ends with a NUL; a kernel thread has none. */
function commandOf(pid: number): readonly string[] {
  const room = Buffer.alloc(commandBytesMax);
  const descriptor = openSync(`/proc/${pid}/cmdline`, 'r');
  try {
    const length = readSync(descriptor, room, 0, room.length, 0);
    const text = room.toString('utf8', 0, length);
    return text === '' ? [] : text.replace(/\0$/, '').split('\0');
  } finally {
    closeSync(descriptor);
  }
}

function failed(reason: string): Result<never, ProcessListError> {
  return err({ type: 'process_list.failed', reason });
}
