// ipvsadm's command line as a command: what is asked for, checked as far as that can be done
// without the data plane.
import { err, ok } from 'neverthrow';
import type { ConnectionFilter } from '../../dataplane/dataplane.js';
import type { PlaceOptions } from '../../dataplane/paths.js';
import type { Change, Service, ServiceKey } from '../../dataplane/state.js';
import { protocols, serviceDefaults, timeoutSecondsMax } from '../../net/service.js';
import type { ListingFormat } from './listing.js';
import { hasMethod, localAddressOf, serverOf } from './server-arguments.js';
import { hasService, parseEndpoint, serviceKeyOf, serviceOf } from './service-arguments.js';
import { Given, type Parsed, usage, wholeNumber } from './words.js';

/** service null: every one. */
export type Listing = ListingFormat & { readonly service: ServiceKey | null };

/** What the data plane is asked. */
export type Question =
  | { readonly type: 'list'; readonly listing: Listing }
  | { readonly type: 'connections'; readonly filter: ConnectionFilter }
  | { readonly type: 'timeouts' }
  | { readonly type: 'local addresses'; readonly service: ServiceKey | null }
  | { readonly type: 'save' }
  /** `keepsMethod`: of a server that is edited, since none is said. */
  | { readonly type: 'change'; readonly change: Change; readonly keepsMethod: boolean }
  | { readonly type: 'set timeouts'; readonly seconds: TimeoutTriple }
  | { readonly type: 'zero'; readonly service: ServiceKey | null }
  | { readonly type: 'clear' }
  /** Lines of commands follow on the standard input. */
  | { readonly type: 'restore' };

/** Of an open TCP connection, after a FIN, of UDP; 0 leaves it as it is. */
export type TimeoutTriple = readonly [tcp: number, tcpFin: number, udp: number];

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'ask'; readonly place: PlaceOptions; readonly question: Question };

export const connectionRowsMax = 100_000;

const commandFlags = [
  'list',
  'list-lower',
  'add-service',
  'edit-service',
  'delete-service',
  'clear',
  'restore',
  'save',
  'add-server',
  'edit-server',
  'delete-server',
  'zero',
  'set',
  'add-laddr',
  'del-laddr',
  'get-laddr',
  'help',
  'version',
] as const;
type CommandFlag = (typeof commandFlags)[number];

export function parseArguments(argv: readonly string[]): Parsed<Command> {
  const given = Given.read(argv);
  if (given.isErr()) return err(given.error);
  const [command = 'list', other] = given.value.which(commandFlags);
  if (other !== undefined) return usage('give one command, not several');
  if (command === 'help' || command === 'version') return ok({ type: command });
  const place: PlaceOptions = {
    runtimeDirectory: given.value.value('runtime-dir'),
    instance: given.value.value('instance'),
  };
  return questionOf(command, given.value).map((question) => ({ type: 'ask', place, question }));
}

function questionOf(
  command: Exclude<CommandFlag, 'help' | 'version'>,
  given: Given,
): Parsed<Question> {
  switch (command) {
    case 'list':
    case 'list-lower':
      return listingOf(given);
    case 'clear':
    case 'restore':
    case 'save':
      return ok({ type: command });
    case 'zero':
      return serviceOrAll(given).map((service) => ({ type: 'zero', service }));
    case 'get-laddr':
      return serviceOrAll(given).map((service) => ({ type: 'local addresses', service }));
    case 'set':
      return timeoutsOf(given.words);
    case 'edit-server':
      return changeOf(command, given).map((change) => {
        return { type: 'change', change, keepsMethod: !hasMethod(given) };
      });
    default:
      return changeOf(command, given).map((change) => {
        return { type: 'change', change, keepsMethod: false };
      });
  }
}

function serviceOrAll(given: Given): Parsed<ServiceKey | null> {
  return hasService(given) ? serviceKeyOf(given) : ok(null);
}

const formats = ['stats', 'rate', 'thresholds', 'persistent-conn'] as const;

function listingOf(given: Given): Parsed<Question> {
  if (given.has('timeout')) return ok({ type: 'timeouts' });
  if (given.has('connection'))
    return filterOf(given).map((filter) => ({ type: 'connections', filter }));
  const [format = 'servers', other] = given.which(formats);
  if (other !== undefined) return usage(`give --${format} or --${other}, not both`);
  const isExact = given.has('exact');
  return serviceOrAll(given).map((service) => ({
    type: 'list',
    listing: { service, format, isExact },
  }));
}

type ChangeFlag =
  | 'add-service'
  | 'edit-service'
  | 'delete-service'
  | 'add-server'
  | 'edit-server'
  | 'delete-server'
  | 'add-laddr'
  | 'del-laddr';

function changeOf(command: ChangeFlag, given: Given): Parsed<Change> {
  switch (command) {
    case 'add-service':
      return serviceOf(given).map((service) => ({ verb: 'add_service', service }));
    case 'edit-service':
      return serviceOf(given).map((service) => ({ verb: 'alter_service', service }));
    case 'delete-service':
      return serviceKeyOf(given).map((key) => removalOf(key));
    case 'add-server':
      return serverOf(given).map((server) => ({ verb: 'add_server', server }));
    case 'edit-server':
      return serverOf(given).map((server) => ({ verb: 'alter_server', server }));
    case 'delete-server':
      return serverOf(given).map((server) => ({ verb: 'remove_server', server }));
    case 'add-laddr':
      return localAddressOf(given).map((localAddress) => ({
        verb: 'add_local_address',
        localAddress,
      }));
    case 'del-laddr':
      return localAddressOf(given).map((localAddress) => ({
        verb: 'remove_local_address',
        localAddress,
      }));
  }
}

/** What identifies the service counts; its options do not. */
export function removalOf(key: ServiceKey): Change {
  const service: Service = { key, owner: 'operator', ...serviceDefaults };
  return { verb: 'remove_service', service };
}

function timeoutsOf(words: readonly string[]): Parsed<Question> {
  const [tcp, tcpFin, udp, ...more] = words.map((word) => wholeNumber(word, 0, timeoutSecondsMax));
  if (tcp == null || tcpFin == null || udp == null || more.length > 0) {
    const bounds = `0 to ${timeoutSecondsMax}, where 0 leaves one as it is`;
    return usage(`--set takes three numbers of seconds, TCP TCPFIN UDP, each ${bounds}`);
  }
  return ok({ type: 'set timeouts', seconds: [tcp, tcpFin, udp] });
}

const anywhere = { address: null, port: 0 } as const;

/** --sockpair PROTOCOL:CLIENT:PORT:VIP:PORT, IPv6 addresses in brackets; or a service. */
function filterOf(given: Given): Parsed<ConnectionFilter> {
  const filter: ConnectionFilter = {
    protocol: null,
    client: anywhere,
    destination: anywhere,
    server: anywhere,
    isTemplate: given.has('persistent-conn'),
    rowsMax: connectionRowsMax,
  };
  const text = given.value('sockpair');
  if (text === undefined) {
    return serviceOrAll(given).map((key) => {
      if (key === null) return filter;
      const { protocol } = key;
      if ('match' in key) return { ...filter, protocol };
      const { address, port } = key;
      return { ...filter, protocol, destination: { address, port } };
    });
  }
  const end = '(\\[[^\\]]*\\]:[0-9]+|[^:]*:[0-9]+)';
  const parts = new RegExp(`^([a-z0-9]+):${end}:${end}$`).exec(text);
  const protocol = protocols.find((one) => one.toLowerCase() === parts?.[1]);
  if (parts === null || protocol === undefined) {
    return usage(`"${text}" is not PROTOCOL:CLIENT:PORT:VIP:PORT`);
  }
  const client = parseEndpoint(parts[2] ?? '');
  const destination = parseEndpoint(parts[3] ?? '');
  if (client.isErr()) return err(client.error);
  return destination.map((found) => {
    return { ...filter, protocol, client: client.value, destination: found };
  });
}
