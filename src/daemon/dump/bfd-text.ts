// keepalived_bfd.data: the sessions of BFD, line by line as keepalived 2.2.7 writes them, without
// its sockets and threads and the times of its timers.
import type { BfdInstance } from '../../config/bfd.js';
import { familyOf } from '../../net/address.js';
import type { BfdFact } from '../../routing/bfd/fact.js';

/** `factOf` null: its session has not begun. */
export function bfdLines(
  instances: readonly BfdInstance[],
  factOf: (name: string) => BfdFact | null,
): readonly string[] {
  return [
    '------< BFD Data >------',
    '------< BFD Topology >------',
    ...instances.flatMap((instance) => {
      const fact = factOf(instance.name);
      return [...configured(instance), ...(fact === null ? [] : known(fact))];
    }),
  ];
}

function configured({ name, settings }: BfdInstance): readonly string[] {
  const { neighbor, source, sentHops, hopsMax, isPassive } = settings;
  const hops = familyOf(neighbor) === 'ipv4' ? 'TTL' : 'hoplimit';
  return [
    ` BFD Instance = ${name}`,
    ...[
      `Neighbor IP = ${neighbor}`,
      ...(source === null ? [] : [`Source IP = ${source}`]),
      `Required min RX interval = ${settings.minRxMs * 1000} us`,
      `Desired min TX interval = ${settings.minTxMs * 1000} us`,
      `Desired idle TX interval = ${settings.idleTxMs * 1000} us`,
      `Detection multiplier = ${settings.multiplier}`,
      `${hops} = ${sentHops}`,
      `max_hops = ${hopsMax === null ? -1 : Math.max(0, hopsMax - (255 - sentHops))}`,
      `passive = ${isPassive}`,
      'send event to VRRP process = Yes',
      'send event to checker process = Yes',
    ].map((line) => `   ${line}`),
  ];
}

function known(fact: BfdFact): readonly string[] {
  return [
    `send error = ${fact.unsent > 0}`,
    `local state = ${fact.state}`,
    `remote state = ${fact.remoteState ?? 'Down'}`,
    `local discriminator = 0x${fact.localDiscriminator.toString(16)}`,
    `remote discriminator = 0x${fact.remoteDiscriminator.toString(16)}`,
    `local diag = ${fact.localDiagnostic}`,
    `remote diag = ${fact.remoteDiagnostic}`,
    `local tx intv = ${microseconds(fact.transmitMs)} us`,
    `local detection time = ${microseconds(fact.detectionMs)} us`,
  ].map((line) => `   ${line}`);
}

function microseconds(ms: number | null): number {
  return Math.round((ms ?? 0) * 1000);
}
