// The keywords of real_server.
import { countMax } from '../net/service.js';
import { outerCheckTable } from './checker-table.js';
import { checkerTable } from './checkers-table.js';
import { eventScript } from './event-script.js';
import { forwarding } from './forwarding.js';
import { keptTable, setting } from './keywords.js';
import { integer, onOff } from './phrases.js';
import { serverSteadinessTable } from './steadiness-table.js';
import { text } from './text.js';
import { exactly, needed } from './word-count.js';

export const realServerTable = {
  weight: setting('Share of new connections; 0 takes none.', integer(0, 2_147_483_647), {
    defaultText: 'weight of the virtual_server',
  }),
  inhibit_on_failure: setting('A failed server gets weight 0 instead of being removed.', onOff, {
    defaultText: 'as inhibit_on_failure of the virtual_server',
  }),
  ...outerCheckTable,
  ...serverSteadinessTable,
  lvs_method: setting('How packets reach this server.', forwarding, {
    defaultText: 'as lb_kind',
  }),
  uthreshold: setting(
    'Above this many connections it gets no new ones; 0 is no limit.',
    integer(0, countMax),
    { fallback: 0 },
  ),
  lthreshold: setting(
    'Below this many connections a server that had too many gets new ones again.',
    integer(0, countMax),
    { defaultText: 'three quarters of uthreshold' },
  ),
  alpha: setting('The server is down until its first successful checks.', onOff, {
    defaultText: 'as alpha of the virtual_server',
  }),
  virtualhost: setting(
    'Host name that HTTP_GET and SSL_GET checks of this server ask for.',
    needed(text('HOST')),
    { defaultText: 'that of the virtual_server' },
  ),
  notify_up: setting('Run when the server comes up.', eventScript, { repeats: 'first' }),
  notify_down: setting('Run when the server goes down.', eventScript, { repeats: 'first' }),
  smtp_alert: setting('Send mails when the server comes up or goes down.', onOff, {
    defaultText: 'as smtp_alert_checker, else on',
  }),
  ...keptTable({
    snmp_name: setting('Name of the server in SNMP.', exactly(needed(text('NAME')))),
  }),
  ...checkerTable,
};
