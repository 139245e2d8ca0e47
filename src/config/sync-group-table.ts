// The keywords of vrrp_sync_group, and track_group: instances that belong together.
import { flag, headed, kept, lines } from './keywords.js';
import { notifyChoiceTable, notifyTable } from './notify-table.js';
import { many, word } from './phrases.js';
import { trackingTable } from './track-table.js';
import { needed } from './word-count.js';

const { notify, notify_master, notify_backup, notify_fault, notify_stop } = notifyTable;

const membersKeyword = lines('The instances, one or more a line.', many(word('INSTANCE')));

export const syncGroupTable = {
  group: membersKeyword,
  ...trackingTable,
  notify,
  notify_master,
  notify_backup,
  notify_fault,
  notify_stop,
  ...notifyChoiceTable,
  global_tracking: kept(flag('Has no meaning any more.')),
  sync_group_tracking_weight: flag('Weights of members and of the group count in it.'),
};

const name = needed(word('NAME'));

export const groupRootTable = {
  vrrp_sync_group: headed('Instances that change their state together.', name, syncGroupTable),
  track_group: headed('Instances that need static entries.', name, { group: membersKeyword }),
};
