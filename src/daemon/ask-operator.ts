// One question to the running daemon, over the operators' socket.
import { connect } from 'node:net';
import { err, ok, type Result } from 'neverthrow';

const answerTimeoutMs = 10_000;

/** The error says why there is no answer. The result is what the daemon of this version sends. */
export async function askOperator(
  path: string,
  type: string,
  words: Readonly<Record<string, string>> = {},
): Promise<Result<unknown, OperatorError>> {
  const answer = await askLine(path, `${JSON.stringify({ ...words, type })}\n`);
  if (answer.line === null) return err({ type: 'operator.silent', reason: answer.reason });
  const message = JSON.parse(answer.line) as DaemonAnswer;
  return message.ok ? ok(message.result) : err({ type: 'operator.refused', reason: message.error });
}

/** silent: there is no daemon, or it does not answer. */
export type OperatorError = {
  readonly type: 'operator.silent' | 'operator.refused';
  readonly reason: string;
};

export function describeOperatorError({ type, reason }: OperatorError, path: string): string {
  if (type === 'operator.refused') return reason;
  return `the daemon does not answer at ${path}: ${reason}. Is keepalived running?`;
}

type DaemonAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: string };

type Answer = { readonly line: string } | { readonly line: null; readonly reason: string };

function askLine(path: string, request: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const chunks: string[] = [];
    const fail = (reason: string): void => {
      socket.destroy();
      resolve({ line: null, reason });
    };
    socket.setTimeout(answerTimeoutMs, () => fail('no answer in time'));
    socket.setEncoding('utf8');
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => fail('it closed the connection'));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk: string) => {
      chunks.push(chunk);
      if (!chunk.includes('\n')) return;
      socket.destroy();
      resolve({ line: chunks.join('') });
    });
  });
}
