// The probe of each kind of checker.
import type { ProbedChecker } from '../config/checkers/checkers.js';
import type { Probe, ProbeWorld } from './probe.js';
import { TcpProbe } from './probes/tcp.js';

export function probeOf(checker: ProbedChecker, world: ProbeWorld): Probe {
  switch (checker.type) {
    case 'TCP_CHECK':
      return new TcpProbe(checker, world);
  }
}
