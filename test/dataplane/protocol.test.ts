import fc from 'fast-check';
import t from 'tap';
import {
  decodeAnswer,
  decodeHello,
  decodeRequest,
  describeProtocolError,
  encode,
  type RequestMessage,
} from '../../src/dataplane/protocol.js';
import { plainTunnel } from '../../src/net/service.js';
import { settingsDefaults } from '../../src/net/settings.js';
import {
  address,
  endpointOf,
  local,
  outbound,
  prefixOf,
  route,
  server,
  service,
  tcp,
  twoPorts,
} from './examples.js';

const web = tcp('192.0.2.1:80');
const addresses = [prefixOf('192.0.2.1/32')];

const requests: readonly RequestMessage[] = [
  { id: 1, type: 'open', options: twoPorts },
  {
    id: 2,
    type: 'apply',
    changes: [
      { verb: 'add_address', address: address('10.0.0.21/24') },
      { verb: 'remove_address', address: address('10.0.0.21/24') },
      { verb: 'add_route', route: route('0.0.0.0/0', '10.0.0.1') },
      { verb: 'remove_route', route: route('10.9.0.0/16', null) },
      { verb: 'add_service', service: service(web) },
      { verb: 'alter_service', service: service(web, 'wrr', 'operator') },
      { verb: 'remove_service', service: service(web) },
      { verb: 'add_server', server: server(web, '10.0.1.2:80') },
      { verb: 'alter_server', server: server(web, '10.0.1.2:80', 0) },
      { verb: 'remove_server', server: server(web, '10.0.1.2:80', 65_535) },
      { verb: 'add_local_address', localAddress: local(web, '10.0.1.200') },
      { verb: 'remove_local_address', localAddress: local(web, '10.0.1.200') },
      { verb: 'add_service', service: service(outbound({ first: 1, last: 9 })) },
      { verb: 'add_service', service: { ...service(web), persistence: { seconds: 9, bits: 24 } } },
      { verb: 'add_server', server: { ...server(web, '10.0.1.2:80'), tunnel: plainTunnel } },
      { verb: 'set_settings', settings: settingsDefaults },
    ],
  },
  { id: 3, type: 'lease', holder: 'VI_1', device: 'dpdk0', addresses, durationMs: 3218.75 },
  { id: 4, type: 'lease', holder: 'VI_1', device: 'dpdk0', addresses, durationMs: null },
  { id: 5, type: 'release', holder: 'VI_1', addresses },
  { id: 6, type: 'leases', holder: 'VI_1' },
  { id: 7, type: 'announce', device: 'dpdk0', addresses },
  { id: 8, type: 'running' },
  { id: 9, type: 'addresses' },
  { id: 10, type: 'ports' },
  { id: 11, type: 'neighbors' },
  { id: 12, type: 'statistics' },
  { id: 13, type: 'close' },
  { id: 14, type: 'zero', service: null },
  { id: 15, type: 'zero', service: web },
  {
    id: 16,
    type: 'connections',
    filter: {
      protocol: 'TCP',
      client: { address: null, port: 0 },
      destination: endpointOf('192.0.2.1:80'),
      server: { address: null, port: 80 },
      isTemplate: false,
      rowsMax: 1000,
    },
  },
];

t.test('every request arrives as it was sent, on one line', (t) => {
  for (const request of requests) {
    const line = encode(request);
    t.equal(line.indexOf('\n'), line.length - 1);
    t.same(decodeRequest(line.trimEnd())._unsafeUnwrap(), request, request.type);
  }
  t.end();
});

t.test('any member that is gone or of another kind is noticed', (t) => {
  for (const request of requests) {
    for (const value of [undefined, {}, 'x\u0000', -1]) {
      for (const damaged of damages(request, value)) {
        if (JSON.stringify(damaged) === JSON.stringify(request)) continue;
        const decoded = decodeRequest(JSON.stringify(damaged));
        t.ok(decoded.isErr(), JSON.stringify(damaged));
      }
    }
  }
  t.end();
});

/** Copies of `whole`, each with one leaf replaced. */
function* damages(whole: unknown, value: unknown): Generator<unknown> {
  if (typeof whole !== 'object' || whole === null) return;
  for (const [key, member] of Object.entries(whole)) {
    const copies = typeof member === 'object' && member !== null ? damages(member, value) : [value];
    for (const copy of copies) {
      const damaged = Array.isArray(whole) ? [...(whole as readonly unknown[])] : { ...whole };
      yield Object.assign(damaged, { [key]: copy });
    }
  }
}

t.test('a malformed request is answered under its own id', (t) => {
  const error = decodeRequest('{"id":7,"type":"leases"}')._unsafeUnwrapErr();
  t.match(error, { type: 'protocol.malformed', id: 7 });
  t.equal(
    describeProtocolError(error),
    'the message is malformed: holder: expected 1 to 255 printable characters',
  );
  t.match(decodeRequest('{"id":"7","type":"leases"}')._unsafeUnwrapErr(), { id: null });
  const notJson = decodeRequest('{"id":7')._unsafeUnwrapErr();
  t.equal(describeProtocolError(notJson), 'the message is not JSON');
  t.end();
});

t.test('a greeting of another version is told apart from nonsense', (t) => {
  const hello = { type: 'hello', program: 'keelson', pid: 9 } as const;
  t.same(decodeHello(encode({ ...hello, version: 3 }))._unsafeUnwrap().pid, 9);
  const other = decodeHello(encode({ ...hello, version: 1 }))._unsafeUnwrapErr();
  t.match(describeProtocolError(other), 'version 1 of the protocol and this one version 3');
  t.ok(decodeHello('GET / HTTP/1.1').isErr());
  t.ok(decodeHello('{"type":"hello","version":3,"program":"other","pid":9}').isErr());
  t.end();
});

t.test('answers, good and bad', (t) => {
  const answers = [
    { id: 1, ok: true, result: [1, 2] },
    { id: 1, ok: false, error: { type: 'dataplane.refused', reason: 'no' } },
    { id: null, ok: false, error: { type: 'dataplane.unreachable', reason: 'gone' } },
    { id: 2, ok: false, error: { type: 'dataplane.restart_needed', differences: ['workers'] } },
  ];
  for (const answer of answers) {
    t.same(decodeAnswer(JSON.stringify(answer))._unsafeUnwrap(), answer);
  }
  for (const text of ['{}', '{"id":null,"ok":true,"result":1}', '{"id":1,"ok":false}', '[]']) {
    t.ok(decodeAnswer(text).isErr(), text);
  }
  t.end();
});

t.test('property: no line makes a decoder throw', (t) => {
  const lines = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(lines, (line) => {
      decodeHello(line);
      decodeRequest(line);
      decodeAnswer(line);
    }),
  );
  t.ok(decodeRequest('['.repeat(1_000_000)).isErr());
  t.end();
});
