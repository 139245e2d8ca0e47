// Keywords at the root about the processes of this node: their namespaces, their pid files, their
// end.
import { wholeSeconds } from './bounds.js';
import { flag, keptTable, setting } from './keywords.js';
import { optional } from './phrases.js';
import { text } from './text.js';
import { needed } from './word-count.js';

const name = text('NAME');

export const nodeRootTable = keptTable(
  {
    net_namespace: setting('Network namespace that everything runs in.', needed(name), {
      repeats: 'first',
      defaultText: 'that of the parent process',
    }),
    net_namespace_ipvs: setting(
      'Network namespace of the services; without a name that of the parent process.',
      optional(name, null),
      { repeats: 'first', defaultText: 'as net_namespace' },
    ),
    namespace_with_ipsets: flag('Use ipsets in a namespace though the kernel is older than 3.13.'),
    instance: setting('Name of this daemon among several, part of its file names.', needed(name), {
      repeats: 'first',
    }),
    use_pid_dir: flag('Pid files go to a folder of their own, /run/keepalived.'),
    child_wait_time: setting(
      'How long child processes get to end before they are killed.',
      wholeSeconds(0, 4_294_967_295),
      { fallback: 5000 },
    ),
  },
  'net_namespace',
  'instance',
  'use_pid_dir',
);
