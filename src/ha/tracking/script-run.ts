// One run of a vrrp_script: a program, or `</dev/tcp/ADDRESS/PORT`, which is a TCP connection that
// must be accepted within the script's timeout.
import type { Result } from 'neverthrow';
import type { ScriptDefinition } from '../../config/tracking.js';
import { type Endpoint, parseIpAddress } from '../../net/address.js';
import type { CommandEnd, CommandLine, CommandRunner } from '../../ports/command-runner.js';
import type { ConnectOutcome, Streams } from '../../ports/streams.js';

export type ScriptRunWorld = {
  readonly runner: CommandRunner;
  readonly streams: Streams;
  /** With the user to run as; the error says why it must not be run. */
  readonly prepare: (script: ScriptDefinition) => Result<CommandLine, string>;
};

export async function runScript(
  { runner, streams, prepare }: ScriptRunWorld,
  script: ScriptDefinition,
): Promise<CommandEnd> {
  const { command, timeoutMs } = script;
  if (command[0].startsWith('<')) return await connectTo(command, timeoutMs, streams);
  const prepared = prepare(script);
  if (prepared.isErr()) return { type: 'not_started', reason: prepared.error };
  return await runner.run(prepared.value, { timeoutMs });
}

async function connectTo(
  words: readonly string[],
  timeoutMs: number,
  streams: Streams,
): Promise<CommandEnd> {
  const target = connectTarget(words);
  if (target === null) {
    const reason = `${words.join(' ')} is not </dev/tcp/ADDRESS/PORT`;
    return { type: 'not_started', reason };
  }
  return endOf(await streams.connect(target, timeoutMs, null));
}

/** As a shell's exit codes would be. */
function endOf(outcome: ConnectOutcome): CommandEnd {
  switch (outcome.type) {
    case 'connected':
      return { type: 'exited', code: 0 };
    case 'timed_out':
      return { type: 'timed_out' };
    case 'refused':
    case 'failed':
      return { type: 'exited', code: 1 };
  }
}

/** "</dev/tcp/192.0.2.1/80" or "< /dev/tcp/192.0.2.1/80"; null: something else. */
export function connectTarget(words: readonly string[]): Endpoint | null {
  const found = /^<\/dev\/tcp\/([^/]+)\/([0-9]{1,5})$/.exec(words.join(''));
  const address = parseIpAddress(found?.[1] ?? '');
  const port = Number(found?.[2]);
  if (address.isErr() || !(port >= 1 && port <= 65535)) return null;
  return { address: address.value, port };
}
