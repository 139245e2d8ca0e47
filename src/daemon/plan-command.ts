// `keepalived --plan`: what a reload with this file would change, without changing anything.
import { err, ok, type Result } from 'neverthrow';
import type { Diagnostic } from '../config/diagnostic.js';
import { edits } from '../config/edits.js';
import type { Printed } from '../config/printed.js';
import type { ConfigRead } from '../config/read.js';
import { DataplaneClient } from '../dataplane/client.js';
import { desiredState } from '../dataplane/desired.js';
import { type Place, socketPath } from '../dataplane/paths.js';
import { plan } from '../dataplane/plan.js';
import type { DesiredState } from '../dataplane/state.js';
import { nothingKnown, type ServerFact, type ServiceFacts } from '../net/service-facts.js';
import type { Clock } from '../ports/clock.js';
import { askOperator } from './ask-operator.js';
import { operatorSocketPath } from './paths.js';
import type { PlanReport } from './plan-report.js';
import { refusesReload } from './read-config.js';

/** What the daemon says of itself: the answer to the operators' request "running". */
export type RunningReport = {
  readonly statements: readonly Printed[];
  /** ServiceFacts, as JSON can have them. */
  readonly servers: readonly (readonly [key: string, ServerFact])[];
  readonly withoutQuorum: readonly string[];
};

/** The error: a reload with this file would be refused, for what its diagnostics say. */
export async function planOf(
  read: Result<ConfigRead, Diagnostic>,
  place: Place,
  clock: Clock,
): Promise<Result<PlanReport, readonly Diagnostic[]>> {
  if (read.isErr()) return err([read.error]);
  const { config, root, diagnostics } = read.value;
  if (refusesReload(diagnostics)) return err(diagnostics);
  const answer = await askOperator(operatorSocketPath(place), 'running');
  const running = answer.isOk() ? (answer.value as RunningReport) : null;
  const state = config.dataplane === null ? null : await dataplaneState(place, clock);
  return ok({
    hasDaemon: running !== null,
    hasDataplane: state !== null,
    edits: edits(running?.statements ?? [], root.print()),
    changes: state === null ? [] : plan(state, desiredState(config, factsOf(running))),
  });
}

function factsOf(running: RunningReport | null): ServiceFacts {
  if (running === null) return nothingKnown;
  return { servers: new Map(running.servers), withoutQuorum: new Set(running.withoutQuorum) };
}

const dataplaneTimeoutMs = 10_000;

/** null: none runs. */
async function dataplaneState(place: Place, clock: Clock): Promise<DesiredState | null> {
  const client = await DataplaneClient.connect(socketPath(place), clock, dataplaneTimeoutMs);
  if (client.isErr()) return null;
  const state = await client.value.running();
  client.value.disconnect();
  return state.isOk() ? state.value : null;
}
