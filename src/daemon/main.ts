// `keepalived`: arguments, threads, signals, exit codes. The main thread becomes the protocol loop.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { versionText } from '../cli/version.js';
import { runDaemon } from './daemon.js';
import { helpText, type Options, parseOptions } from './options.js';
import { checkConfig } from './read-config.js';

const exitUsage = 1;

async function main(): Promise<number> {
  const command = parseOptions(process.argv.slice(2), process.env);
  if (command.isErr()) {
    process.stderr.write(`${command.error.text}\n${helpText}`);
    return exitUsage;
  }
  switch (command.value.type) {
    case 'help':
      process.stdout.write(helpText);
      return 0;
    case 'version':
      process.stdout.write(versionText('keepalived'));
      return 0;
    case 'run':
      return run(command.value.options);
  }
}

async function run(options: Options): Promise<number> {
  const checked = checkConfig(options.configFile, options);
  if (options.configTest !== null) {
    const { file } = options.configTest;
    const report = checked.lines.map((line) => `${line}\n`).join('');
    if (file === null) process.stderr.write(report);
    else appendFileSync(file, report, { mode: 0o644 });
    return checked.testExitCode;
  }
  if (checked.startExitCode !== 0) {
    process.stderr.write(checked.lines.map((line) => `${line}\n`).join(''));
    return checked.startExitCode;
  }
  return options.foreground ? runDaemon(options) : startInBackground();
}

/** keepalived forks into the background; Node cannot fork, so it starts itself again with -n. */
function startInBackground(): number {
  const program = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [program, '--dont-fork', ...process.argv.slice(2)], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return 0;
}

process.exit(await main());
