import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { checkScripts } from '../../src/config/script-checks.js';
import type { HostView } from '../../src/ports/host-view.js';
import { configOf } from './text.js';

const host: HostView = {
  hasInterface: () => true,
  hasUser: (name) => name === 'root',
  hasGroup: (name) => name === 'root',
  isPrivate: () => true,
  safetyOf: (program) => {
    if (program === '/safe') return { type: 'safe' };
    return program === '/tmp/x' ? { type: 'unsafe', component: '/tmp' } : { type: 'missing' };
  },
};

function complaintsOf(text: string): string[] {
  const report = new Report();
  checkScripts(configOf(text).root, host, report);
  return report.diagnostics.map((one) => formatDiagnostic(one).replace('/etc/k.conf:', ''));
}

const globals = (lines: string) => `global_defs {\n${lines}\n}\n`;
const secure = globals('script_user root\nenable_script_security');
const insecure = globals('script_user root');
const script = (program: string) => `vrrp_script s {\nscript "${program}"\n}\n`;
const instance = (lines: string) => `vrrp_instance V {
interface eth0
virtual_router_id 1
virtual_ipaddress {
192.0.2.1
}
${lines}
}
`;
const user = instance('track_script {\ns\n}');

t.test('scripts without enable_script_security are said to be insecure, once', (t) => {
  t.same(complaintsOf(secure + script('/safe') + user), []);
  t.match(complaintsOf(insecure + script('/safe') + user), [
    /^5:1: error: scripts are run without a check .* add enable_script_security .*first: \/safe/,
  ]);
  t.match(complaintsOf(insecure + instance('notify "/safe a"\nnotify_master /safe')), [
    /^10:1: error: scripts are run/,
  ]);
  t.same(complaintsOf(insecure + script('/safe')), [], 'nothing tracks it');
  t.end();
});

t.test('what is missing, or may be changed by others', (t) => {
  t.match(complaintsOf(secure + script('/none') + user), [
    /^6:1: error: vrrp_script s: there is no program \/none to run$/,
  ]);
  t.match(complaintsOf(secure + instance('notify /none')), [/^11:1: notice: notify: there is no/]);
  t.match(complaintsOf(secure + script('/tmp/x') + user), [
    /^6:1: error: \/tmp\/x is not run: others than root may change \/tmp/,
  ]);
  t.same(complaintsOf(secure + script('</dev/tcp/192.0.2.1/80') + user), [], 'built in');
  t.end();
});

t.test('users and groups must exist', (t) => {
  t.match(complaintsOf(globals('script_user no nope\nenable_script_security')), [
    /^2:1: error: script_user: there is no user no$/,
    /^2:1: error: script_user: there is no group nope$/,
  ]);
  t.match(complaintsOf(secure + instance('notify /safe nobody')), [
    /notify: there is no user nobody/,
  ]);
  t.match(complaintsOf(globals('enable_script_security') + script('/safe') + user), [
    /^4:13: warning: there is no user keepalived_script to run scripts as/,
  ]);
  const own = script('/safe').replace('}', 'user root\n}');
  t.same(complaintsOf(globals('enable_script_security') + own + user), []);
  t.end();
});
