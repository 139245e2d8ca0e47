// The machine as the checks of a configuration see it: interfaces, users, programs.
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HostView, ProgramSafety } from '../ports/host-view.js';
import { entryOf } from './directory.js';
import { programPath } from './program-path.js';
import { interfaceIndex } from './sockets.js';

const othersMayWrite = 0o022;
const othersMayRead = 0o044;
const sticky = 0o1000;

export const hostView: HostView = {
  hasInterface: (name: string): boolean => interfaceIndex(name).isOk(),
  hasUser: (name: string): boolean => entryOf('passwd', name) !== null,
  hasGroup: (name: string): boolean => entryOf('group', name) !== null,
  safetyOf,
  isPrivate,
};

function safetyOf(program: string): ProgramSafety {
  const path = programPath(program);
  if (path === null) return { type: 'missing' };
  for (let component = realpathSync(path); ; component = dirname(component)) {
    if (isUnsafe(component)) return { type: 'unsafe', component };
    if (component === '/') return { type: 'safe' };
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
