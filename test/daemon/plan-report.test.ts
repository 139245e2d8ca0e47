import t from 'tap';
import { edits } from '../../src/config/edits.js';
import { planText } from '../../src/daemon/plan-report.js';
import { desiredState } from '../../src/dataplane/desired.js';
import { plan } from '../../src/dataplane/plan.js';
import { nothingKnown } from '../../src/net/service-facts.js';
import { configOf } from '../config/text.js';

const file = (servers: string) => `dataplane {
port dpdk0 { device net_null }
}
local_address_group lips { 10.0.0.9 dpdk0 }
virtual_server 192.0.2.1 80 {
lb_algo rr
lb_kind FNAT
protocol TCP
laddr_group_name lips
${servers}
}
`;
const server = (address: string, weight: number) =>
  `real_server ${address} 80 {\nweight ${weight}\n}\n`;
const state = (text: string) => desiredState(configOf(text).config, nothingKnown);

t.test('a plan is read as a tree of what comes, goes and changes', (t) => {
  const before = file(server('10.0.0.1', 1) + server('10.0.0.2', 1));
  const after = file(server('10.0.0.1', 5) + server('10.0.0.3', 1));
  const report = {
    hasDaemon: true,
    hasDataplane: true,
    edits: edits(configOf(before).root.print(), configOf(after).root.print()),
    changes: plan(state(before), state(after)),
  };
  t.equal(
    planText(report),
    `configuration:
  virtual_server 192.0.2.1 80
    - real_server 10.0.0.2 80 {
    -     weight 1
    - }
    real_server 10.0.0.1 80
      ~ weight 1 -> 5
    + real_server 10.0.0.3 80 {
    +     weight 1
    + }
data plane:
  + server 10.0.0.3:80 of TCP 192.0.2.1:80 FNAT weight 1
  ~ server 10.0.0.1:80 of TCP 192.0.2.1:80 FNAT weight 5
  - server 10.0.0.2:80 of TCP 192.0.2.1:80 FNAT weight 1
`,
  );
  t.end();
});

t.test('everything is new to a node that runs nothing', (t) => {
  const nothing = { hasDaemon: false, hasDataplane: false, edits: [], changes: [] };
  t.equal(
    planText(nothing),
    `# no daemon runs: everything is new
configuration: unchanged
data plane: does not run
`,
  );
  const changes = plan(state(''), state(file(server('10.0.0.1', 1))));
  t.equal(
    planText({ hasDaemon: true, hasDataplane: true, edits: [], changes }),
    `configuration: unchanged
data plane:
  + service TCP 192.0.2.1:80 rr
  + local address 10.0.0.9 dev dpdk0 of TCP 192.0.2.1:80
  + server 10.0.0.1:80 of TCP 192.0.2.1:80 FNAT weight 1
`,
  );
  t.end();
});
