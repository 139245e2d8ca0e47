import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { checkGlobals } from '../../src/config/global-checks.js';
import { configOf, mainFile } from './text.js';

/** What the checks alone say. */
function said(text: string): string[] {
  const report = new Report();
  checkGlobals(configOf(text).root, report);
  return report.diagnostics.map((one) => formatDiagnostic(one).replace(`${mainFile}:`, ''));
}

const blocks = (...contents: readonly string[]) =>
  contents.map((lines) => `global_defs {\n${lines}\n}\n`).join('');

t.test('nothing to say', (t) => {
  t.same(said(''), []);
  t.same(said(blocks('router_id a', 'router_id b\nvrrp_version 3')), []);
  t.end();
});

t.test('what counts once is given once, in whatever block', (t) => {
  t.same(said(blocks('nftables a', 'router_id x', 'nftables b')), [
    `8:1: warning: nftables is given already at ${mainFile}:2; this one is ignored`,
  ]);
  t.same(said(blocks('vrrp_iptables', 'nftables b')), [
    `5:1: warning: nftables is given already at ${mainFile}:2; this one is ignored`,
  ]);
  t.same(said(blocks('snmp_socket a b', 'snmp_socket c')), [], 'the first was left out');
  t.end();
});

t.test('one thing without the other', (t) => {
  t.same(said(blocks('reload_repeat\nlvs_notify_fifo_script /x')), [
    '2:1: notice: nothing comes of reload_repeat without reload_time_file',
    '3:1: notice: nothing comes of lvs_notify_fifo_script without lvs_notify_fifo',
  ]);
  t.same(said(blocks('reload_repeat', 'reload_time_file /x')), []);
  t.end();
});

t.test('an empty list of mail addresses', (t) => {
  t.same(said(blocks('notification_email {\n}\nnotification_email {\na@b\n}')), [
    '2:1: warning: notification_email is empty; put addresses into it or remove it',
  ]);
  t.end();
});

t.test('sizes of receive buffers on several lines', (t) => {
  t.same(
    said(blocks('vrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_policy MTU', 'vrrp_rx_bufs_policy 5')),
    [`6:1: warning: vrrp_rx_bufs_policy 5 contradicts MTU at ${mainFile}:2; keep one of them`],
  );
  t.same(said(blocks('vrrp_rx_bufs_policy 5\nvrrp_rx_bufs_policy 6')), []);
  t.end();
});

t.test('an interface that cannot be', (t) => {
  t.same(said(blocks('default_interface ethernet-number-zero')), [
    '2:1: notice: no interface can be called "ethernet-number-zero"; ' +
      'the name of an interface, 15 characters at most is needed',
  ]);
  t.end();
});

t.test('the instance that synchronisation follows', (t) => {
  const instance = 'vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 1\n}\n';
  t.same(said(blocks('lvs_sync_daemon eth0 inst VI_1') + instance), []);
  t.same(said(blocks('lvs_sync_daemon eth0 inst VI_2') + instance), [
    '2:1: notice: lvs_sync_daemon follows no one: there is no vrrp_instance VI_2; ' +
      'did you mean "VI_1"?',
  ]);
  t.same(said(blocks('lvs_sync_daemon eth0')), []);
  t.end();
});
