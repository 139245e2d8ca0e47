// The status of BGP as a person reads it.
import t from 'tap';
import { bgpLines } from '../../src/cli/keelson/print-bgp.js';
import { bgpStatuses } from '../../src/daemon/bgp-status.js';
import { instance, neighbor, ourAddress, theirAddress } from '../routing/bgp/session-settings.js';
import { SimulatedSpeaker } from '../routing/bgp/simulated-speaker.js';
import { SimulatedClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';
import { SimulatedTcp } from '../sim/tcp-sessions.js';

t.test('a session that was there, is there, or cannot be', (t) => {
  const clock = new SimulatedClock();
  const net = new SimulatedTcp(clock, seededRandom(1));
  const ours = new SimulatedSpeaker(
    net,
    ourAddress,
    instance({ neighbors: [neighbor({ description: 'leaf 1' })] }),
  );
  const them = neighbor({ address: ourAddress, remoteAs: 65001 });
  const routerId = theirAddress;
  const theirs = new SimulatedSpeaker(
    net,
    theirAddress,
    instance({ name: 'R', localAs: 65002, routerId, neighbors: [them] }),
  );
  const lines = () =>
    bgpLines(bgpStatuses(ours.speaker ? [ours.speaker.facts()] : [], clock.nowMs()));
  ours.start();
  clock.advance(2_000);
  t.same(lines().slice(0, 1), ['BGP B  AS 65001  identifier 192.0.2.1']);
  t.match(lines()[1], /^ {2}192.0.2.2 {12}(connect|active|idle) +AS 65002 {2}for .* {2}"leaf 1"$/);
  t.match(lines().join('\n'), /ECONNREFUSED, .* ago/);
  theirs.start();
  clock.advance(120_000);
  t.match(
    lines().join('\n'),
    /established .*\n {6}from 192.0.2.1 to 192.0.2.2 \(sim\) {2}hold 9 s/,
  );
  t.match(lines().join('\n'), /prefixes announced 0\n {6}messages sent \d+ received \d+ flaps 0/);
  theirs.kill(false);
  clock.advance(1_000);
  t.match(lines().join('\n'), /flaps 1\n {6}down: .*, [01]s ago/);
  t.ok(
    lines().every((line) => line.length <= 100),
    'fits into a terminal',
  );
  t.end();
});
