// The status as metrics, in the text format that Prometheus reads (version 0.0.4).
import { latencyBoundsMs } from '../health/latency-histogram.js';
import type { BfdStatus } from './bfd-news.js';
import type { BgpNeighborStatus, BgpStatus } from './bgp-status.js';
import type { ChecksStatus, ServiceStatus } from './service-status.js';
import type { Status } from './status.js';

type Labels = Readonly<Record<string, string | number>>;
type Sample = { readonly suffix?: string; readonly labels: Labels; readonly value: number };
type Metric = {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly samples: readonly Sample[];
};

export function metricsText(status: Status): string {
  const metrics = [
    ...vrrpMetrics(status),
    ...bfdMetrics(status.bfd),
    ...bgpMetrics(status.bgp),
    ...serviceMetrics(status.services),
    ...announcementMetrics(status),
    ...(status.checks === null ? [] : checkMetrics(status.checks)),
    ...dataplaneMetrics(status),
  ];
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(textOf)
    .join('');
}

function vrrpMetrics({ vrrp }: Status): readonly Metric[] {
  const labelled = vrrp.map((one) => ({ one, labels: { instance: one.instance } }));
  return [
    gauge(
      'vrrp_state',
      'The state that a VRRP instance is in.',
      labelled.map(({ one, labels }) => sample({ ...labels, state: one.state }, 1)),
    ),
    gauge(
      'vrrp_priority',
      'The priority that counts now.',
      labelled.map(({ one, labels }) => sample(labels, one.priority)),
    ),
    counter(
      'vrrp_adverts_sent_total',
      'Adverts sent.',
      labelled.map(({ one, labels }) => sample(labels, one.counters.advertsSent)),
    ),
    counter(
      'vrrp_adverts_received_total',
      'Adverts received.',
      labelled.map(({ one, labels }) => sample(labels, one.counters.advertsReceived)),
    ),
  ];
}

function bgpMetrics(speakers: readonly BgpStatus[]): readonly Metric[] {
  const labelled = speakers.flatMap(({ instance, neighbors }) =>
    neighbors.map((one) => ({ one, labels: { instance, neighbor: one.address } })),
  );
  const each = (numberOf: (one: BgpNeighborStatus) => number): Sample[] =>
    labelled.map(({ one, labels }) => sample(labels, numberOf(one)));
  const messages = (direction: 'sent' | 'received'): Sample[] =>
    labelled.flatMap(({ one, labels }) =>
      Object.entries(one.counters[direction]).map(([type, count]) =>
        sample({ ...labels, type }, count),
      ),
    );
  const states = labelled.map(({ one, labels }) => sample({ ...labels, state: one.state }, 1));
  return [
    gauge('bgp_state', 'The state that the session with a neighbour is in.', states),
    gauge(
      'bgp_prefixes_announced',
      'Prefixes that the neighbour has of us.',
      each(({ prefixesSent }) => prefixesSent),
    ),
    gauge(
      'bgp_prefixes_refused',
      'Prefixes that are wanted, but not announced to the neighbour.',
      each(({ prefixesRefused }) => prefixesRefused),
    ),
    counter('bgp_messages_sent_total', 'Messages sent.', messages('sent')),
    counter('bgp_messages_received_total', 'Messages received.', messages('received')),
    counter(
      'bgp_flaps_total',
      'Sessions that were established and ended.',
      each(({ counters }) => counters.flaps),
    ),
  ];
}

function bfdMetrics(sessions: readonly BfdStatus[]): readonly Metric[] {
  const labelled = sessions.map((one) => ({
    one,
    labels: { session: one.name, neighbor: one.settings.neighbor },
  }));
  return [
    gauge(
      'bfd_state',
      'The state that a BFD session is in.',
      labelled.map(({ one, labels }) => sample({ ...labels, state: one.state }, 1)),
    ),
    gauge(
      'bfd_detection_seconds',
      'How long the neighbour may be silent.',
      labelled.flatMap(({ one, labels }) =>
        one.detectionMs === null ? [] : [sample(labels, one.detectionMs / 1000)],
      ),
    ),
    counter(
      'bfd_packets_sent_total',
      'BFD packets sent.',
      labelled.map(({ one, labels }) => sample(labels, one.sent)),
    ),
    counter(
      'bfd_packets_received_total',
      'BFD packets received that counted.',
      labelled.map(({ one, labels }) => sample(labels, one.received)),
    ),
    counter(
      'bfd_packets_dropped_total',
      'BFD packets of a session that did not count, by reason.',
      labelled.flatMap(({ one, labels }) =>
        Object.entries(one.drops).map(([reason, count]) => sample({ ...labels, reason }, count)),
      ),
    ),
    counter(
      'bfd_downs_total',
      'How often a session left Up.',
      labelled.map(({ one, labels }) => sample(labels, one.timesDown)),
    ),
  ];
}

function serviceMetrics(services: readonly ServiceStatus[]): readonly Metric[] {
  const servers = services.flatMap(({ service, servers: own }) =>
    own.map((one) => ({ one, labels: { service, server: one.server } })),
  );
  return [
    gauge(
      'service_quorum',
      '1: the virtual server has its quorum.',
      services.map((one) => sample({ service: one.service }, Number(one.hasQuorum))),
    ),
    gauge(
      'service_weight',
      'Weight of the real servers that are up.',
      services.map((one) => sample({ service: one.service }, one.aliveWeight)),
    ),
    gauge(
      'server_up',
      '1: all checks of the real server succeed.',
      servers.map(({ one, labels }) => sample(labels, Number(one.isUp))),
    ),
    gauge(
      'server_weight',
      'Weight of the real server, with what its checks add.',
      servers.map(({ one, labels }) => sample(labels, one.weight)),
    ),
  ];
}

function announcementMetrics({ announcements }: Status): readonly Metric[] {
  const labelled = announcements.map((one) => ({ one, labels: { prefix: one.prefix } }));
  return [
    gauge(
      'announcement_state',
      'What routing protocols are told of an address.',
      labelled.map(({ one, labels }) =>
        sample({ ...labels, address: one.address, state: one.state }, 1),
      ),
    ),
    gauge(
      'announcement_drained',
      '1: an operator has drained the address, or the node.',
      labelled.map(({ one, labels }) =>
        sample({ ...labels, address: one.address }, Number(one.drainedBy !== null)),
      ),
    ),
  ];
}

function checkMetrics(checks: ChecksStatus): readonly Metric[] {
  const { cumulative, count, sumMs } = checks.latency;
  const bucket = (bound: string, value: number): Sample => ({
    suffix: '_bucket',
    labels: { le: bound },
    value,
  });
  return [
    counter('checks_total', 'Checks begun.', [sample({}, checks.started)]),
    counter('checks_late_total', 'Checks begun more than a tenth of their interval late.', [
      sample({}, checks.late),
    ]),
    gauge('checks_under_way', 'Checks that wait for their server.', [sample({}, checks.underWay)]),
    gauge('checks_waiting', 'Checks that wait for others to end.', [sample({}, checks.waiting)]),
    gauge('checks_lateness_worst_seconds', 'The latest begin of a check.', [
      sample({}, checks.worstLatenessMs / 1000),
    ]),
    {
      name: 'check_duration_seconds',
      help: 'How long checks took.',
      type: 'histogram',
      samples: [
        ...latencyBoundsMs.map((bound, index) => bucket(`${bound / 1000}`, cumulative[index] ?? 0)),
        bucket('+Inf', count),
        { suffix: '_sum', labels: {}, value: sumMs / 1000 },
        { suffix: '_count', labels: {}, value: count },
      ],
    },
  ];
}

function dataplaneMetrics({ dataplane }: Status): readonly Metric[] {
  if (dataplane === null) return [];
  const workers = dataplane.statistics?.workers ?? [];
  return [
    gauge('dataplane_up', '1: the data plane runs.', [sample({}, Number(dataplane.isUp))]),
    counter(
      'dataplane_received_packets_total',
      'Packets received.',
      workers.map(({ worker, rx }) => sample({ worker }, rx)),
    ),
    counter(
      'dataplane_packets_total',
      'Packets by what became of them.',
      workers.flatMap(({ worker, verdicts }) =>
        Object.entries(verdicts).map(([verdict, value]) => sample({ worker, verdict }, value)),
      ),
    ),
    gauge(
      'dataplane_connections',
      'Connections that are held.',
      workers.map(({ worker, connections }) => sample({ worker }, connections)),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'counter', samples };
}

function sample(labels: Labels, value: number): Sample {
  return { labels, value };
}

function textOf({ name, help, type, samples }: Metric): string {
  const full = `keelson_${name}`;
  const lines = samples.map(
    ({ suffix = '', labels, value }) => `${full}${suffix}${labelsText(labels)} ${value}`,
  );
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines, ''].join('\n');
}

function labelsText(labels: Labels): string {
  const texts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(String(value))}"`,
  );
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
