// Asks the data plane what an ipvsadm command wants to know, or has it make the change.
import { err, ok } from 'neverthrow';
import type { Dataplane } from '../../dataplane/dataplane.js';
import { serviceIdentity } from '../../dataplane/difference.js';
import { serviceName } from '../../dataplane/service-name.js';
import type { Change } from '../../dataplane/state.js';
import { type Answered, refused } from '../tool.js';
import type { Listing } from './arguments.js';
import { formatListing } from './listing.js';

export async function list(dataplane: Dataplane, listing: Listing): Promise<Answered> {
  const [running, statistics] = await Promise.all([dataplane.running(), dataplane.statistics()]);
  if (running.isErr()) return refused(running.error);
  if (statistics.isErr()) return refused(statistics.error);
  const { service } = listing;
  if (service === null) return ok(formatListing(running.value, statistics.value, listing));
  const wanted = serviceIdentity(service);
  const services = running.value.services.filter(({ key }) => serviceIdentity(key) === wanted);
  if (services.length === 0) {
    return err(`there is no service ${serviceName(service)}`);
  }
  const { servers } = running.value;
  return ok(formatListing({ services, servers }, statistics.value, listing));
}

export async function change(dataplane: Dataplane, wanted: Change): Promise<Answered> {
  const failures = await dataplane.apply([wanted]);
  if (failures.isErr()) return refused(failures.error);
  const [failure] = failures.value;
  return failure === undefined ? ok('') : err(failure.reason);
}
