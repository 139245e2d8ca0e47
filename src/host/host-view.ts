// The machine as the checks of a configuration see it: interfaces, users, programs.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { HostView, ProgramSafety } from '../ports/host-view.js';
import { interfaceIndex } from './sockets.js';

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const lookupTimeoutMs = 5000;
const othersMayWrite = 0o022;
const othersMayRead = 0o044;
const sticky = 0o1000;

export const hostView: HostView = {
  hasInterface: (name: string): boolean => interfaceIndex(name).isOk(),
  hasUser: (name: string): boolean => isIn('passwd', name),
  hasGroup: (name: string): boolean => isIn('group', name),
  safetyOf,
  isPrivate,
};

/** The file first; a directory service, if the machine has one, only when that does not know. */
function isIn(database: 'passwd' | 'group', name: string): boolean {
  const lines = readFileSync(`/etc/${database}`, 'utf8').split('\n');
  if (lines.some((line) => line.startsWith(`${name}:`))) return true;
  try {
    execFileSync('getent', ['--', database, name], { stdio: 'ignore', timeout: lookupTimeoutMs });
    return true;
  } catch {
    return false;
  }
}

function safetyOf(program: string): ProgramSafety {
  const path = pathOf(program);
  if (path === null) return { type: 'missing' };
  for (let component = realpathSync(path); ; component = dirname(component)) {
    if (isUnsafe(component)) return { type: 'unsafe', component };
    if (component === '/') return { type: 'safe' };
  }
}

/** null: no such program, or it may not be run. */
function pathOf(program: string): string | null {
  const folders = (process.env['PATH'] ?? searchPath).split(delimiter);
  const candidates = program.includes('/')
    ? [program]
    : folders.map((folder) => join(folder, program));
  return candidates.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return lstatSync(realpathSync(path)).isFile();
  } catch {
    return false;
  }
}

function isPrivate(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined || (status.mode & othersMayRead) === 0;
}

/** Others than root own it or may write to it, unless it is a folder where only owners delete. */
function isUnsafe(path: string): boolean {
  const { uid, gid, mode } = lstatSync(path);
  if (uid !== 0) return true;
  if ((mode & othersMayWrite) === 0 || ((mode & othersMayWrite) === 0o020 && gid === 0)) {
    return false;
  }
  return (mode & sticky) === 0;
}
