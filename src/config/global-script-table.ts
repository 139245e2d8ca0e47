// The keywords of global_defs about scripts, who runs them, and the FIFOs that are told of events.
import { wholeSeconds } from './bounds.js';
import { commandAs, owner } from './command.js';
import { flag, keptTable, setting } from './keywords.js';
import { onOff, optional, type PhraseValue, sequence } from './phrases.js';
import { text } from './text.js';
import { needed } from './word-count.js';

const script = needed(commandAs);
const fifo = needed(sequence({ path: text('PATH'), owner: optional(owner, null) }));
/** The user who may write to the FIFO; null: that of the scripts. */
export type Fifo = PhraseValue<typeof fifo>;

const first = { repeats: 'first' } as const;
const scriptTimeout = needed(wholeSeconds(1, 1000));

export const globalScriptTable = {
  startup_script: setting('Run before anything else is started.', script, first),
  startup_script_timeout: setting('How long startup_script may run.', scriptTimeout, {
    fallback: 10_000,
  }),
  shutdown_script: setting('Run after everything else has ended.', script, first),
  shutdown_script_timeout: setting('How long shutdown_script may run.', scriptTimeout, {
    fallback: 10_000,
  }),
  script_user: setting('User and group that scripts run as.', needed(owner), {
    defaultText: 'keepalived_script if there is such a user, else root',
  }),
  enable_script_security: flag('Refuse to run scripts that others than root may change.'),
  ...keptTable({
    use_symlink_paths: setting(
      'Run scripts by the path as it is written, without following symbolic links first.',
      onOff,
      { fallback: false },
    ),
    set_supplementary_groups: setting('Scripts also get the other groups of their user.', onOff, {
      fallback: false,
    }),
  }),
  notify_fifo: setting('FIFO that is told of every change of state.', fifo, first),
  notify_fifo_script: setting('Started to read notify_fifo, its last argument.', script, first),
  vrrp_notify_fifo: setting('FIFO that is told of VRRP changes of state.', fifo, first),
  vrrp_notify_fifo_script: setting(
    'Started to read vrrp_notify_fifo, its last argument.',
    script,
    first,
  ),
  lvs_notify_fifo: setting(
    'FIFO that is told of changes of virtual and real servers.',
    fifo,
    first,
  ),
  lvs_notify_fifo_script: setting(
    'Started to read lvs_notify_fifo, its last argument.',
    script,
    first,
  ),
  vrrp_notify_priority_changes: setting('Also tell the FIFOs of new priorities.', onOff, {
    fallback: false,
  }),
  fifo_write_vrrp_states_on_reload: flag('After a reload tell the FIFOs every VRRP state again.'),
  ...keptTable({
    rs_init_notifies: setting('Also tell the first state of every real server.', onOff, {
      fallback: false,
    }),
  }),
};
