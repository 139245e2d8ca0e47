// Where the daemon's files live, beside the data plane's.
import type { Place } from '../dataplane/paths.js';

export function operatorSocketPath(place: Place): string {
  return `${place.runtimeDirectory}/keelson${suffixOf(place)}.sock`;
}

export function daemonPidPath(place: Place): string {
  return `${place.runtimeDirectory}/keepalived${suffixOf(place)}.pid`;
}

/** What operators have drained. */
export function drainPath(place: Place): string {
  return `${place.runtimeDirectory}/drains${suffixOf(place)}.json`;
}

/** What the data plane process says on its standard error. */
export function dataplaneLogPath(place: Place): string {
  return `${place.runtimeDirectory}/dataplane${suffixOf(place)}.log`;
}

function suffixOf({ instance }: Place): string {
  return instance === null ? '' : `_${instance}`;
}
