// Asks the data plane what an ipvsadm command wants to know, or has it make the change.
import { err, ok } from 'neverthrow';
import type { Dataplane } from '../../dataplane/dataplane.js';
import { serviceIdentity } from '../../dataplane/difference.js';
import { serverIdentity } from '../../dataplane/plan.js';
import { serviceName } from '../../dataplane/service-name.js';
import type { Change, Service, ServiceKey } from '../../dataplane/state.js';
import { type Answered, refused } from '../tool.js';
import {
  connectionRowsMax,
  type Listing,
  parseArguments,
  type Question,
  removalOf,
  type TimeoutTriple,
} from './arguments.js';
import { formatListing } from './listing.js';
import {
  formatConnections,
  formatLocalAddresses,
  formatSaved,
  formatTimeouts,
  persistentClients,
  wordsOf,
} from './tables.js';

/** `input`: the text of the standard input, for -R. */
export function answer(
  dataplane: Dataplane,
  question: Question,
  input: () => string,
): Promise<Answered> {
  switch (question.type) {
    case 'list':
      return list(dataplane, question.listing);
    case 'connections':
      return dataplane
        .connections(question.filter)
        .then((found) =>
          found.isErr() ? refused(found.error) : ok(formatConnections(found.value)),
        );
    case 'timeouts':
      return dataplane
        .running()
        .then((running) =>
          running.isErr()
            ? refused(running.error)
            : ok(formatTimeouts(running.value.settings.timeouts)),
        );
    case 'local addresses':
      return listLocalAddresses(dataplane, question.service);
    case 'save':
      return dataplane
        .running()
        .then((running) =>
          running.isErr() ? refused(running.error) : ok(formatSaved(running.value)),
        );
    case 'change':
      return question.keepsMethod
        ? changeKeepingMethod(dataplane, question.change)
        : change(dataplane, question.change);
    case 'set timeouts':
      return setTimeouts(dataplane, question.seconds);
    case 'zero':
      return dataplane
        .zero(question.service)
        .then((zeroed) => (zeroed.isErr() ? refused(zeroed.error) : ok('')));
    case 'clear':
      return clear(dataplane);
    case 'restore':
      return restore(dataplane, input());
  }
}

async function list(dataplane: Dataplane, listing: Listing): Promise<Answered> {
  const [running, statistics, templates] = await Promise.all([
    dataplane.running(),
    dataplane.statistics(),
    listing.format === 'persistent-conn' ? dataplane.connections(allTemplates) : null,
  ]);
  if (running.isErr()) return refused(running.error);
  if (statistics.isErr()) return refused(statistics.error);
  if (templates?.isErr() === true) return refused(templates.error);
  const services = chosen(running.value.services, listing.service);
  if (services.isErr()) return err(services.error);
  const listed = {
    state: { services: services.value, servers: running.value.servers },
    statistics: statistics.value,
    persistent: persistentClients(templates?.isOk() === true ? templates.value.connections : []),
  };
  return ok(formatListing(listed, listing));
}

const anywhere = { address: null, port: 0 } as const;
const allTemplates = {
  protocol: null,
  client: anywhere,
  destination: anywhere,
  server: anywhere,
  isTemplate: true,
  rowsMax: connectionRowsMax,
} as const;

function chosen(services: readonly Service[], service: ServiceKey | null) {
  if (service === null) return ok(services);
  const wanted = serviceIdentity(service);
  const found = services.filter(({ key }) => serviceIdentity(key) === wanted);
  return found.length === 0 ? err(`there is no service ${serviceName(service)}`) : ok(found);
}

async function listLocalAddresses(
  dataplane: Dataplane,
  service: ServiceKey | null,
): Promise<Answered> {
  const [running, statistics] = await Promise.all([dataplane.running(), dataplane.statistics()]);
  if (running.isErr()) return refused(running.error);
  if (statistics.isErr()) return refused(statistics.error);
  const { localAddresses } = running.value;
  return chosen(running.value.services, service).map((services) =>
    formatLocalAddresses({ services, localAddresses }, statistics.value.localAddresses),
  );
}

async function change(dataplane: Dataplane, wanted: Change): Promise<Answered> {
  const failures = await dataplane.apply([wanted]);
  if (failures.isErr()) return refused(failures.error);
  const [failure] = failures.value;
  return failure === undefined ? ok('') : err(failure.reason);
}

/** An edit that says nothing of forwarding leaves that as it is. */
async function changeKeepingMethod(dataplane: Dataplane, wanted: Change): Promise<Answered> {
  if (wanted.verb !== 'alter_server') return change(dataplane, wanted);
  const running = await dataplane.running();
  if (running.isErr()) return refused(running.error);
  const { server } = wanted;
  const isIt = (one: typeof server): boolean => serverIdentity(one) === serverIdentity(server);
  const found = running.value.servers.find(isIt);
  if (found === undefined) return change(dataplane, wanted);
  const { method, tunnel } = found;
  return change(dataplane, { ...wanted, server: { ...server, method, tunnel } });
}

/** They stay until the data plane ends: no reload of a file changes what an operator has set. */
async function setTimeouts(
  dataplane: Dataplane,
  [tcp, tcpFin, udp]: TimeoutTriple,
): Promise<Answered> {
  const running = await dataplane.running();
  if (running.isErr()) return refused(running.error);
  const { settings } = running.value;
  const before = settings.timeouts;
  const timeouts = {
    ...before,
    established: tcp || before.established,
    fin_wait: tcpFin || before.fin_wait,
    udp: udp || before.udp,
  };
  return change(dataplane, {
    verb: 'set_settings',
    settings: { ...settings, timeouts, timeoutsOwner: 'operator' },
  });
}

async function clear(dataplane: Dataplane): Promise<Answered> {
  const running = await dataplane.running();
  if (running.isErr()) return refused(running.error);
  const failures = await dataplane.apply(running.value.services.map(({ key }) => removalOf(key)));
  if (failures.isErr()) return refused(failures.error);
  const [failure] = failures.value;
  return failure === undefined ? ok('') : err(failure.reason);
}

/** Nothing is made of a text with a wrong line; what is refused is named by its line, too. */
async function restore(dataplane: Dataplane, input: string): Promise<Answered> {
  const changes: Change[] = [];
  const lineNumbers: number[] = [];
  for (const [index, line] of input.split('\n').entries()) {
    const words = wordsOf(line);
    if (words.length === 0 || line.trimStart().startsWith('#')) continue;
    const parsed = parseArguments(words);
    if (parsed.isErr()) return err(`line ${index + 1}: ${parsed.error.reason}`);
    if (parsed.value.type !== 'ask' || parsed.value.question.type !== 'change') {
      return err(`line ${index + 1}: only commands that add, edit or delete can be restored`);
    }
    if (parsed.value.question.keepsMethod) {
      return err(`line ${index + 1}: say how packets reach the server: -b, -m, -g, -i or -J`);
    }
    changes.push(parsed.value.question.change);
    lineNumbers.push(index + 1);
  }
  const failures = await dataplane.apply(changes);
  if (failures.isErr()) return refused(failures.error);
  const sentences = failures.value.map(
    ({ index, reason }) => `line ${lineNumbers[index] ?? '?'}: ${reason}`,
  );
  return sentences.length === 0 ? ok('') : err(sentences.join('\n'));
}
