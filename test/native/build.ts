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

/** Names without "test_" and ".c", those of native/control apart from those of native/datapath. */
export function nativePrograms(part: 'control' | 'datapath'): string[] {
  const names = readdirSync('native/test').flatMap((file) => {
    const name = /^test_(\w+)\.c$/.exec(file)?.[1];
    return name === undefined ? [] : [name];
  });
  return names.filter((name) => name.startsWith('control_') === (part === 'control'));
}
