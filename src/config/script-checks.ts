// Programs that the file runs: that they and their users exist, and that nobody but root can change
// what root runs. keepalived's `-t` ends with 6 for scripts without enable_script_security.
import type { Position } from '../../grammar/syntax-tree.js';
import type { HostView } from '../ports/host-view.js';
import type { Command, CommandAs, Owner } from './command.js';
import type { Report } from './diagnostic.js';
import type { Keyword } from './keywords.js';
import type { Root } from './root-table.js';
import { defaultScriptUser } from './script-security.js';
import { type Place, walk } from './walk.js';

type Script = {
  readonly program: string;
  readonly keyword: string;
  readonly position: Position;
};

export function checkScripts(root: Root, host: HostView, report: Report): void {
  // Like interfaces, the programs of another namespace are not looked for.
  if (root.has('net_namespace')) return;
  const globals = root.all('global_defs').map(({ value }) => value);
  const isSecure = globals.some((block) => block.has('enable_script_security'));
  const hasUser = globals.some((block) => block.has('script_user'));
  checkOwners(root, host, report);
  const tracked = trackedScripts(root, host, report);
  if (!hasUser && !host.hasUser(defaultScriptUser)) reportNoUser(root, report);
  const others = otherScripts(root).filter((script) => isThere(script, host, report));
  const [first] = [
    ...tracked.filter((script) => isSafe(script, isSecure, host, report)),
    ...others,
  ];
  if (isSecure || first === undefined) return;
  const why = 'scripts are run without a check of who may change them';
  const remedy = 'add enable_script_security to global_defs';
  const message = `${why}; ${remedy} (first: ${first.program})`;
  report.error('config.script_security', first.position, message);
}

/** Of vrrp_scripts that are used: one that is not there is an error. */
function trackedScripts(root: Root, host: HostView, report: Report): readonly Script[] {
  const users = [...root.all('vrrp_instance'), ...root.all('vrrp_sync_group')];
  const used = new Set(users.flatMap(({ value }) => trackedNames(value.settings)));
  return root.all('vrrp_script').flatMap(({ value }) => {
    const script = value.settings.found('script');
    if (script === undefined || script.value[0].startsWith('<')) return [];
    const found = { program: script.value[0], keyword: 'script', position: script.position };
    if (host.safetyOf(found.program).type !== 'missing') return used.has(value.head) ? [found] : [];
    const message = `vrrp_script ${value.head}: there is no program ${found.program} to run`;
    report.error('config.no_program', script.position, message);
    return [];
  });
}

function trackedNames(settings: {
  all(keyword: 'track_script'): readonly {
    readonly value: readonly { readonly value: { readonly name: string } }[];
  }[];
}): readonly string[] {
  return settings.all('track_script').flatMap(({ value }) => value.map((line) => line.value.name));
}

/** Every other command; those of vrrp_script and vrrp_track_process are no such scripts. */
function otherScripts(root: Root): readonly Script[] {
  const isCommand = (_name: string, { phrase }: Keyword<unknown>): boolean =>
    phrase?.kind === 'command' || phrase?.kind === 'commandAs';
  return [...walk(root, isCommand)].flatMap((place: Place) => {
    if (place.path.includes('vrrp_script')) return [];
    const { name: keyword, position } = place;
    const words =
      place.keyword.phrase?.kind === 'command' ? place.value : (place.value as CommandAs).command;
    const [program] = words as Command;
    return [{ program, keyword, position }];
  });
}

/** keepalived only logs that a notify script is missing. */
function isThere({ program, keyword, position }: Script, host: HostView, report: Report): boolean {
  if (host.safetyOf(program).type !== 'missing') return true;
  const message = `${keyword}: there is no program ${program} to run`;
  report.notice('config.no_program', position, message);
  return false;
}

/** With enable_script_security an unsafe script is not run. */
function isSafe(script: Script, isSecure: boolean, host: HostView, report: Report): boolean {
  const safety = host.safetyOf(script.program);
  if (!isSecure || safety.type !== 'unsafe') return true;
  const why = `others than root may change ${safety.component}`;
  const message = `${script.program} is not run: ${why}; make it root's alone (chmod go-w)`;
  report.error('config.unsafe_program', script.position, message);
  return false;
}

/** A vrrp_script without a user of its own needs one to run as. */
function reportNoUser(root: Root, report: Report): void {
  for (const { value } of root.all('vrrp_script')) {
    if (value.settings.has('user') || !value.settings.has('script')) continue;
    const remedy = 'set script_user in global_defs';
    const message = `there is no user ${defaultScriptUser} to run scripts as; ${remedy}`;
    report.warning('config.no_user', value.subject.position, message);
    return;
  }
}

function checkOwners(root: Root, host: HostView, report: Report): void {
  const isOwner = (_name: string, { phrase }: Keyword<unknown>): boolean =>
    phrase?.kind === 'owner' || phrase?.kind === 'commandAs';
  for (const { name, keyword, value, position } of walk(root, isOwner)) {
    const { user, group } = value as Owner | CommandAs;
    // Of a script that is only told of states keepalived logs it, and does not run it.
    const severity = keyword.phrase?.kind === 'owner' ? 'error' : 'notice';
    if (user !== null && !host.hasUser(user)) {
      report[severity]('config.no_user', position, `${name}: there is no user ${user}`);
    }
    if (group !== null && !host.hasGroup(group)) {
      report[severity]('config.no_group', position, `${name}: there is no group ${group}`);
    }
  }
}
