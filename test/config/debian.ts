// Debian's keepalived as the judge of a configuration: `-t` in a network namespace that has the
// interfaces eth0 eth1 eth2 eth3 and eth0.1, or, to see what is missing, eth0 only.
import { execFile, execFileSync } from 'node:child_process';
import { constants } from 'node:os';
import { Namespaces } from '../../scripts/lab/namespaces.js';

/** By its path: our own command has the same name. */
const binary = '/usr/sbin/keepalived';
const version = 'Keepalived v2.2.7';
/** The kernel's veth come in pairs; the far ends are nobody's. */
const pairs = [
  ['eth0', 'far0'],
  ['eth1', 'far1'],
  ['eth2', 'far2'],
  ['eth3', 'far3'],
  ['eth0.1', 'far0.1'],
] as const;
const verdictsAtOnce = 4;

/** Why the recorded verdicts cannot be checked here, or false. */
export const debianSkip: string | false = whyNot();

export type Interfaces = 'all' | 'eth0';
export type Question = {
  readonly path: string;
  readonly options: readonly string[];
  readonly interfaces: Interfaces;
};
export type Answer = { readonly exitCode: number; readonly output: string };

/** The answers in the order of the questions. */
export async function askDebian(questions: readonly Question[]): Promise<readonly Answer[]> {
  const namespaces = new Namespaces();
  try {
    for (const interfaces of ['all', 'eth0'] as const) {
      if (questions.some((question) => question.interfaces === interfaces)) {
        addInterfaces(namespaces, interfaces);
      }
    }
    const answers: Answer[] = [];
    const waiting = questions.entries();
    const askNext = async (): Promise<void> => {
      for (const [index, question] of waiting) answers[index] = await ask(namespaces, question);
    };
    await Promise.all(Array.from({ length: verdictsAtOnce }, askNext));
    return answers;
  } finally {
    await namespaces.remove();
  }
}

function addInterfaces(namespaces: Namespaces, name: Interfaces): void {
  namespaces.add(name);
  for (const [index, [near, far]] of pairs.entries()) {
    if (name === 'eth0' && near !== 'eth0') continue;
    namespaces.ip(name, 'link', 'add', near, 'type', 'veth', 'peer', 'name', far);
    namespaces.ip(name, 'link', 'set', near, 'up');
    namespaces.ip(name, 'link', 'set', far, 'up');
    namespaces.ip(name, 'address', 'add', `192.0.2.${index + 1}/24`, 'dev', near);
  }
}

function ask(namespaces: Namespaces, { path, options, interfaces }: Question): Promise<Answer> {
  const enter = ['netns', 'exec', namespaces.fullName(interfaces)];
  const words = [...enter, binary, ...options, '-t', '-f', path];
  return new Promise((resolve) => {
    execFile('ip', words, { encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ exitCode: exitCodeOf(error), output: stdout + stderr });
    });
  });
}

/** As a shell counts it: 128 and the signal's number for a death by signal. */
function exitCodeOf(error: { code?: unknown; signal?: NodeJS.Signals | null } | null): number {
  if (error === null) return 0;
  if (error.signal) return 128 + constants.signals[error.signal];
  return typeof error.code === 'number' ? error.code : -1;
}

function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    // It prints its version to stderr.
    const text = execFileSync('sh', ['-c', `${binary} --version 2>&1`], { encoding: 'utf8' });
    return text.startsWith(version) ? false : `the keepalived of this machine is not ${version}`;
  } catch {
    return `${binary} is not installed`;
  }
}
