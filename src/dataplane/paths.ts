// Where a data plane's files live. Whatever two data planes on one host must not share (socket, pid
// file, DPDK's file-prefix) derives from the runtime directory and the instance name.
import { resolve } from 'node:path';
import { err, ok, type Result } from 'neverthrow';

export const defaultRuntimeDirectory = '/run/keelson';

export type Place = { readonly runtimeDirectory: string; readonly instance: string | null };

export type PlaceError =
  | { readonly type: 'place.instance_malformed'; readonly text: string }
  | { readonly type: 'place.path_too_long'; readonly path: string };

/** What the kernel takes as the name of a UNIX socket (sun_path less its NUL). */
const socketPathBytesMax = 107;

/** What a command line and the environment say; undefined: not said. */
export type PlaceOptions = {
  readonly runtimeDirectory: string | undefined;
  readonly instance: string | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export function describePlaceError(error: PlaceError): string {
  if (error.type === 'place.path_too_long') {
    const longest = `sockets take ${socketPathBytesMax} bytes at most`;
    return `${error.path} is too long, ${longest}: use a shorter runtime directory`;
  }
  return (
    `"${error.text}" is not an instance name: ` +
    'use 1 to 32 letters, digits, "-" or "_", beginning with a letter or digit'
  );
}

/** The command line wins over KEELSON_RUNTIME_DIR and KEELSON_INSTANCE. */
export function placeOf(
  options: PlaceOptions,
  environment: Environment,
): Result<Place, PlaceError> {
  const directory =
    options.runtimeDirectory ?? environment['KEELSON_RUNTIME_DIR'] ?? defaultRuntimeDirectory;
  const instance = options.instance ?? environment['KEELSON_INSTANCE'] ?? null;
  if (instance !== null && !/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(instance)) {
    return err({ type: 'place.instance_malformed', text: instance });
  }
  const place = { runtimeDirectory: resolve(directory), instance };
  const path = socketPath(place);
  const isTooLong = new TextEncoder().encode(path).length > socketPathBytesMax;
  return isTooLong ? err({ type: 'place.path_too_long', path }) : ok(place);
}

/** As placeOf, and DPVS_IPC_FILE names the socket itself when the command line names no place. */
export function toolSocketPath(
  options: PlaceOptions,
  environment: Environment,
): Result<string, PlaceError> {
  const ipcFile = environment['DPVS_IPC_FILE'];
  const isNamed = options.runtimeDirectory !== undefined || options.instance !== undefined;
  if (ipcFile !== undefined && ipcFile !== '' && !isNamed) return ok(resolve(ipcFile));
  return placeOf(options, environment).map(socketPath);
}

export function socketPath(place: Place): string {
  return `${place.runtimeDirectory}/dataplane${suffixOf(place)}.sock`;
}

export function pidFilePath(place: Place): string {
  return `${place.runtimeDirectory}/dataplane${suffixOf(place)}.pid`;
}

/** DPDK's file-prefix: readable for the usual directory, a hash of the path for any other. */
export function filePrefix(place: Place): string {
  const isUsual = place.runtimeDirectory === defaultRuntimeDirectory;
  return `keelson${isUsual ? '' : `_${hashOf(place.runtimeDirectory)}`}${suffixOf(place)}`;
}

function suffixOf(place: Place): string {
  return place.instance === null ? '' : `_${place.instance}`;
}

/** FNV-1a, 32 bits: short enough for the socket names that DPDK makes from the prefix. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
