// keepalived.json: an array of {data, stats} (version 1), or the same under "vrrp" beside the
// tracked processes (version 2). One line without an end, "/" escaped, as json-c writes it.
import { commandText } from './command-text.js';
import type { DumpedInstance, ScriptKeyword } from './dumped-instance.js';

export const stateNumbers = { INIT: 0, BACKUP: 1, MASTER: 2, FAULT: 3 } as const;
const authenticationNumbers = { PASS: 1, AH: 2 } as const;

const scriptNames: Readonly<Record<ScriptKeyword, string>> = {
  notify_master: 'script_master',
  notify_backup: 'script_backup',
  notify_fault: 'script_fault',
  notify_stop: 'script_stop',
  notify_deleted: 'script_deleted',
  notify_master_rx_lower_pri: 'script_master_rx_lower_pri',
  notify: 'script',
};

export type DumpedProcess = { readonly name: string; readonly process: string };

export function jsonText(
  instances: readonly DumpedInstance[],
  processes: readonly DumpedProcess[],
  version: 1 | 2,
): string {
  const vrrp = instances.map((one) => ({ data: dataOf(one), stats: statsOf(one) }));
  const whole = version === 1 ? vrrp : { vrrp, track_process: processes };
  return JSON.stringify(whole).replaceAll('/', String.raw`\/`);
}

function dataOf(instance: DumpedInstance): Readonly<Record<string, unknown>> {
  const { garp, tracked, authentication } = instance;
  const isMaster = instance.state === 'MASTER';
  return {
    iname: instance.name,
    dont_track_primary: Number(!instance.tracksPrimary),
    skip_check_adv_addr: Number(instance.skipsAddressCheck),
    strict_mode: Number(instance.isStrict),
    vmac_ifname: instance.vmac ?? '',
    ifp_ifname: instance.interface,
    // Of another MASTER only the address is kept.
    ...(isMaster ? { master_priority: 0 } : {}),
    ...(instance.lastTransition === null ? {} : { last_transition: instance.lastTransition }),
    garp_delay: garp.delay,
    garp_refresh: garp.refresh,
    garp_rep: garp.repeat,
    garp_refresh_rep: garp.refreshRepeat,
    garp_lower_prio_delay: garp.lowerPrioDelay,
    garp_lower_prio_rep: garp.lowerPrioRepeat,
    lower_prio_no_advert: Number(!instance.sendsToLowerPriority),
    higher_prio_send_advert: Number(instance.sendsToHigherPriority),
    vrid: instance.virtualRouterId,
    base_priority: instance.priority,
    effective_priority: instance.effectivePriority,
    vipset: isMaster,
    promote_secondaries: instance.promotesSecondaries,
    adver_int: instance.advertInterval,
    ...(isMaster || instance.version === 2 ? { master_adver_int: instance.advertInterval } : {}),
    accept: Number(instance.accepts),
    nopreempt: !instance.preempts,
    preempt_delay: instance.preemptDelay,
    state: stateNumbers[instance.state],
    wantstate: stateNumbers[instance.wantedState],
    version: instance.version,
    smtp_alert: instance.mailsAlerts,
    notify_deleted: instance.scripts.has('notify_deleted'),
    ...Object.fromEntries(
      [...instance.scripts].map(([keyword, { command }]) => [
        scriptNames[keyword],
        commandText(command),
      ]),
    ),
    ...listUnless('vips', instance.addresses),
    ...listUnless('evips', instance.excluded),
    ...listUnless('vroutes', instance.routes),
    ...listUnless('vrules', instance.rules),
    ...listUnless('track_ifp', names(tracked.interfaces)),
    ...listUnless('track_script', names(tracked.scripts)),
    auth_type: authentication === null ? 0 : authenticationNumbers[authentication.type],
    ...(authentication === null ? {} : { auth_data: authentication.password }),
  };
}

function names(tracked: readonly { readonly name: string }[]): string[] {
  return tracked.map(({ name }) => name);
}

function listUnless(name: string, list: readonly string[]): Readonly<Record<string, unknown>> {
  return list.length === 0 ? {} : { [name]: list };
}

function statsOf({ counters }: DumpedInstance): Readonly<Record<string, number>> {
  return {
    advert_rcvd: counters.advertsReceived,
    advert_sent: counters.advertsSent,
    become_master: counters.becameMaster,
    release_master: counters.releasedMaster,
    packet_len_err: counters.packetLengthErrors,
    advert_interval_err: counters.advertIntervalErrors,
    ip_ttl_err: counters.ttlErrors,
    invalid_type_rcvd: counters.invalidTypeReceived,
    addr_list_err: counters.addressListErrors,
    invalid_authtype: counters.authInvalidType,
    authtype_mismatch: counters.authTypeMismatch,
    auth_failure: counters.authFailure,
    pri_zero_rcvd: counters.priorityZeroReceived,
    pri_zero_sent: counters.priorityZeroSent,
  };
}
