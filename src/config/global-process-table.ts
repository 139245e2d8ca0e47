// The keywords of global_defs about the processes: their names, priorities, processors and memory.
import { clamped } from './bounds.js';
import { alias, flag, keptTable, setting } from './keywords.js';
import { integer, many, optional } from './phrases.js';
import { cutText } from './text.js';
import { umask } from './umask.js';
import { needed } from './word-count.js';

/** Linux keeps 15 octets of a process name. */
const processName = cutText('STRING', 15);
const int32 = integer(-2_147_483_648, 2_147_483_647);
const niceValue = needed({ ...integer(-20, 19), shape: 'NICE -20 to 19' });
const realTimePriority = needed({ ...clamped(int32, 1, 99), shape: '1-99' });
const microseconds = { ...integer(1, 4_294_967_295), shape: 'MICROSECONDS 1-4294967295' };
const cpus = needed(many({ ...integer(0, 1023), shape: 'CPU' }));
const noPriority = { defaultText: 'none' };
const anyCpu = { defaultText: 'all' };

const realTimeLimit = {
  vrrp: setting('CPU time that the VRRP process may take without a pause.', microseconds, {
    fallback: 10_000,
  }),
  checker: setting('CPU time that the checker process may take without a pause.', microseconds, {
    fallback: 10_000,
  }),
  bfd: setting('CPU time that the BFD process may take without a pause.', microseconds, {
    fallback: 10_000,
  }),
};

const checkerName = setting('Name that ps shows for the checker process.', processName);

const nameTable = {
  process_names: flag('Each process shows by its name in ps what it does.'),
  process_name: setting('Name that ps shows for the parent process.', processName),
  vrrp_process_name: setting('Name that ps shows for the VRRP process.', processName),
  checker_process_name: checkerName,
  lvs_process_name: alias(checkerName, 'checker_process_name'),
  bfd_process_name: setting('Name that ps shows for the BFD process.', processName),
};

const priorityTable = {
  max_auto_priority: setting(
    'Highest real-time priority taken when timers run late; 0 for none, -1 for any.',
    optional(integer(-1, 99), 99),
    { fallback: 0 },
  ),
  min_auto_priority_delay: setting(
    'How late a timer must be before the priority is raised.',
    needed({ ...integer(1, 10_000_000), shape: 'MICROSECONDS 1-10000000' }),
    { fallback: 1_000_000 },
  ),
  vrrp_priority: setting('Nice value of the VRRP process.', niceValue, { fallback: 0 }),
  checker_priority: setting('Nice value of the checker process.', niceValue, { fallback: 0 }),
  bfd_priority: setting('Nice value of the BFD process.', niceValue, { fallback: 0 }),
  vrrp_rt_priority: setting(
    'Real-time priority of the VRRP process.',
    realTimePriority,
    noPriority,
  ),
  checker_rt_priority: setting(
    'Real-time priority of the checker process.',
    realTimePriority,
    noPriority,
  ),
  bfd_rt_priority: setting('Real-time priority of the BFD process.', realTimePriority, noPriority),
};

const realTimeLimitTable = {
  vrrp_rlimit_rttime: realTimeLimit.vrrp,
  vrrp_rlimit_rtime: alias(realTimeLimit.vrrp, 'vrrp_rlimit_rttime'),
  checker_rlimit_rttime: realTimeLimit.checker,
  checker_rlimit_rtime: alias(realTimeLimit.checker, 'checker_rlimit_rttime'),
  bfd_rlimit_rttime: realTimeLimit.bfd,
  bfd_rlimit_rtime: alias(realTimeLimit.bfd, 'bfd_rlimit_rttime'),
};

/** What the daemon does not act on. */
const unusedTable = keptTable({
  ...nameTable,
  ...realTimeLimitTable,
  vrrp_no_swap: flag('Keep the memory of the VRRP process from being swapped out.'),
  checker_no_swap: flag('Keep the memory of the checker process from being swapped out.'),
  bfd_no_swap: flag('Keep the memory of the BFD process from being swapped out.'),
  random_seed: setting(
    'Makes random choices repeat themselves, for tests.',
    integer(0, 4_294_967_295),
    { defaultText: 'the time' },
  ),
});

export const globalProcessTable = {
  ...unusedTable,
  ...priorityTable,
  vrrp_cpu_affinity: setting('CPUs that the VRRP process may run on.', cpus, anyCpu),
  checker_cpu_affinity: setting('CPUs that the checker process may run on.', cpus, anyCpu),
  bfd_cpu_affinity: setting('CPUs that the BFD process may run on.', cpus, anyCpu),
  umask: setting('Permissions that files of the daemon do not get.', umask, { fallback: 0o177 }),
};
