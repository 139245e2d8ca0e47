import t from 'tap';
import { configOf, notices } from './text.js';

const definitions = `vrrp_script check {
script "/bin/check a"
interval 2
timeout 0
fall 3
weight -20
user nobody
}
vrrp_script spare {
script /bin/true
}
vrrp_track_process web {
process nginx -g "daemon off;"
param_match partial
quorum_max 0
delay 1
fork_delay 0.5
weight 7 reverse
}
track_file load {
file /run/load
init_file
}
`;

const instance = (lines: string, name = 'V', number = 1) => `vrrp_instance ${name} {
interface eth0
virtual_router_id ${number}
virtual_ipaddress {
192.0.2.${number}
}
${lines}
}
`;

/** "script check -20" for everything that the instance tracks. */
function trackedBy(text: string, name = 'V'): string[] {
  const found = configOf(definitions + text).config.vrrpInstances.find((one) => one.name === name);
  return (found?.tracking ?? []).map(
    (one) => `${one.kind} ${one.name} ${one.weight}${one.isReversed ? ' reverse' : ''}`,
  );
}

t.test('only what is tracked is defined, with every default', (t) => {
  const lines = 'track_script {\ncheck\n}\ntrack_process {\nweb\n}\ntrack_file {\nload\n}';
  const { tracking } = configOf(definitions + instance(lines)).config;
  t.same(tracking.scripts, [
    {
      name: 'check',
      command: ['/bin/check', 'a'],
      owner: { user: 'nobody', group: null },
      intervalMs: 2000,
      timeoutMs: 2000,
      rise: 1,
      fall: 3,
      startsFailed: false,
    },
  ]);
  t.same(tracking.processes, [
    {
      name: 'web',
      program: 'nginx',
      arguments: ['-g', 'daemon off;'],
      match: 'partial',
      comparesCommand: true,
      quorum: 1,
      quorumMax: 0,
      forkDelayMs: 500,
      terminateDelayMs: 1000,
    },
  ]);
  t.same(tracking.files, [
    { name: 'load', path: '/run/load', initial: { value: 0, overwrites: false } },
  ]);
  t.same(configOf(definitions + instance('')).config.tracking.scripts, []);
  t.end();
});

t.test('a line takes the weight of the thing unless it has one', (t) => {
  t.same(trackedBy(instance('track_script {\ncheck\nspare weight 5\nnone\n}')), [
    'script check -20',
    'script spare 5',
  ]);
  t.same(trackedBy(instance('track_process {\nweb weight 3 noreverse\n}')), ['process web 3']);
  t.same(trackedBy(instance('track_process {\nweb weight 3\n}')), ['process web 3 reverse']);
  t.same(trackedBy(instance('track_file {\nload\n}')), ['file load 1'], 'as measured');
  t.same(trackedBy(instance('track_interface {\neth1\neth2 weight -9 reverse\n}')), [
    'interface eth1 0',
    'interface eth2 -9 reverse',
  ]);
  t.end();
});

t.test('its own interface, and the weights of an owner, do not count', (t) => {
  const text = instance(
    'priority 255\ntrack_interface {\neth0\n}\ntrack_script {\ncheck\nspare\n}',
  );
  t.same(trackedBy(text), ['script spare 0']);
  t.match(
    notices(definitions + text).filter((line) => line.includes('is ignored')),
    [/track_interface eth0 is ignored: its own interface/, /track_script check is ignored: an/],
  );
  t.same(trackedBy(instance('state MASTER\ntrack_script {\ncheck\n}')), [], '255 as well');
  t.end();
});

t.test('members track what their group tracks, and have weights only if it says so', (t) => {
  const group = (more: string) => `vrrp_sync_group G {
group {
V
W
}
track_script {
spare
}
${more}
}
`;
  const two = instance('track_script {\ncheck\n}') + instance('', 'W', 2);
  t.same(trackedBy(two + group('')), ['script spare 0']);
  t.same(trackedBy(two + group(''), 'W'), ['script spare 0']);
  t.same(trackedBy(two + group('sync_group_tracking_weight')), [
    'script check -20',
    'script spare 0',
  ]);
  t.end();
});

t.test('the delays of interfaces are read', (t) => {
  const text = 'interface_up_down_delays {\neth0 0.5 2\neth1\n}\n';
  t.same(configOf(text).config.tracking.linkDelays, [
    { interface: 'eth0', downMs: 500, upMs: 2000 },
    { interface: 'eth1', downMs: 0, upMs: 0 },
  ]);
  t.end();
});
