// Carries a plan out, in batches that keep the data plane answering others in between, and tells
// the operator what it refused.
import { err, ok, type Result } from 'neverthrow';
import { formatEndpoint } from '../net/address.js';
import { formatPrefix } from '../net/prefix.js';
import type { Log } from '../ports/log.js';
import type { ChangeFailure, Dataplane, DataplaneError } from './dataplane.js';
import { serviceName } from './service-name.js';
import type { Change } from './state.js';

const batchChangesMax = 4096;
/** A plan that fails as a whole says so in a few lines, not in a hundred thousand. */
const failureLinesMax = 50;

/**
 * Answers with every change that failed, by its place in `changes`; those after it were still
 * tried.
 */
export async function applyChanges(
  dataplane: Dataplane,
  changes: readonly Change[],
  log: Log,
): Promise<Result<readonly ChangeFailure[], DataplaneError>> {
  const failures: ChangeFailure[] = [];
  for (let start = 0; start < changes.length; start += batchChangesMax) {
    const applied = await dataplane.apply(changes.slice(start, start + batchChangesMax));
    if (applied.isErr()) return err(applied.error);
    for (const { index, reason } of applied.value) failures.push({ index: start + index, reason });
  }
  logFailures(changes, failures, log);
  return ok(failures);
}

/** "add real server 10.0.1.2:8080 to TCP 192.0.2.10:80". */
export function describeChange(change: Change): string {
  switch (change.verb) {
    case 'add_address':
    case 'remove_address':
      return sentence(change.verb, formatPrefix(change.address.prefix), change.address.device);
    case 'add_route':
    case 'remove_route': {
      const { destination, gateway, device } = change.route;
      const via = gateway === null ? '' : ` via ${gateway}`;
      return sentence(change.verb, `${formatPrefix(destination)}${via}`, device);
    }
    case 'add_service':
    case 'alter_service':
    case 'remove_service':
      return `${words(change.verb)} ${serviceName(change.service.key)}`;
    case 'add_server':
    case 'alter_server':
    case 'remove_server':
      return sentence(
        change.verb,
        formatEndpoint(change.server.endpoint),
        serviceName(change.server.service),
      );
    case 'add_local_address':
    case 'remove_local_address':
      return sentence(
        change.verb,
        change.localAddress.address,
        serviceName(change.localAddress.service),
      );
    case 'set_settings':
      return 'set the settings';
  }
}

function logFailures(
  changes: readonly Change[],
  failures: readonly ChangeFailure[],
  log: Log,
): void {
  for (const { index, reason } of failures.slice(0, failureLinesMax)) {
    const change = changes[index];
    if (change !== undefined) log.write('error', `cannot ${describeChange(change)}: ${reason}`);
  }
  const silent = failures.length - failureLinesMax;
  if (silent > 0) log.write('error', `the data plane refused ${silent} more changes`);
}

type ObjectVerb = Exclude<Change['verb'], 'set_settings'>;

/** "add_server" -> "add real server X to Y", "remove_address" -> "remove address X from Y". */
function sentence(verb: ObjectVerb, object: string, place: string): string {
  const preposition = { add: 'to', alter: 'of', remove: 'from' }[actionOf(verb)];
  return `${words(verb)} ${object} ${preposition} ${place}`;
}

function words(verb: ObjectVerb): string {
  return verb.replace('_server', '_real_server').replaceAll('_', ' ');
}

function actionOf(verb: ObjectVerb): 'add' | 'alter' | 'remove' {
  if (verb.startsWith('add_')) return 'add';
  return verb.startsWith('alter_') ? 'alter' : 'remove';
}
