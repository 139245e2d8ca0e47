// The probe of each kind of checker.
import type { ProbedChecker } from '../config/checkers/checkers.js';
import type { Probe, ProbeWorld } from './probe.js';
import { DnsProbe } from './probes/dns.js';
import { HttpProbe } from './probes/http.js';
import { MiscProbe } from './probes/misc.js';
import { PingProbe } from './probes/ping.js';
import { SmtpProbe } from './probes/smtp.js';
import { TcpProbe } from './probes/tcp.js';
import { UdpProbe } from './probes/udp.js';

export function probeOf(checker: ProbedChecker, world: ProbeWorld): Probe {
  switch (checker.type) {
    case 'TCP_CHECK':
      return new TcpProbe(checker, world);
    case 'SMTP_CHECK':
      return new SmtpProbe(checker, world);
    case 'MISC_CHECK':
      return new MiscProbe(checker, world);
    case 'HTTP_GET':
    case 'SSL_GET':
      return new HttpProbe(checker, world);
    case 'DNS_CHECK':
      return new DnsProbe(checker, world);
    case 'UDP_CHECK':
      return new UdpProbe(checker, world);
    case 'PING_CHECK':
      return new PingProbe(checker, world);
  }
}
