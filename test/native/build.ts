// The C test programs: built by make, one build at a time although test files run side by side.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';

export const builtFolder = 'build/native-test';

export function buildNativeTests(): void {
  mkdirSync(builtFolder, { recursive: true });
  const make = ['make', '-C', 'native/test', '-j2'];
  execFileSync('flock', [`${builtFolder}/.lock`, ...make], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const parts = ['control', 'sockets', 'regex', 'datapath'] as const;

/** Names without "test_" and ".c"; those of the packet path have no prefix. */
export function nativePrograms(part: (typeof parts)[number]): string[] {
  const names = readdirSync('native/test').flatMap((file) => {
    const name = /^test_(\w+)\.c$/.exec(file)?.[1];
    return name === undefined ? [] : [name];
  });
  const partOf = (name: string) => parts.find((prefix) => `${name}_`.startsWith(`${prefix}_`));
  return names.filter((name) => (partOf(name) ?? 'datapath') === part);
}
