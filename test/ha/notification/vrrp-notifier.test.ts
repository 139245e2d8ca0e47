import t from 'tap';
import type { CommandAs } from '../../../src/config/command.js';
import type { VrrpNotification } from '../../../src/config/notification.js';
import type { Telling } from '../../../src/config/telling.js';
import {
  type NotifiedFact,
  type NotifierConfig,
  VrrpNotifier,
} from '../../../src/ha/notification/vrrp-notifier.js';
import { silentNotification } from '../../config/silence.js';

const script = (...words: [string, ...string[]]): CommandAs => ({
  command: words,
  user: null,
  group: null,
});

const all: VrrpNotification = {
  scripts: {
    any: script('any'),
    master: script('master', 'own'),
    backup: script('backup'),
    fault: script('fault'),
    stop: script('stop'),
    deleted: null,
    masterHeardLowerPriority: script('lower'),
  },
  sendsMails: true,
  tellsPriorities: true,
};

function instance(name: string, priority: number, changes: Partial<VrrpNotification> = {}) {
  return { name, priority, notification: { ...silentNotification, ...changes } };
}

const group = { name: 'G', members: ['V1', 'V2'], notification: silentNotification };
const quiet: NotifierConfig = {
  routerId: 'lab',
  instances: [instance('V1', 11), instance('V2', 12), instance('V3', 13), instance('V4', 14)],
  groups: [group],
  mailsFaults: true,
  tellsStatesOnReload: false,
};

/** One text per telling. */
function texts(tellings: readonly Telling[]): string[] {
  return tellings.map((telling) => {
    if (telling.type === 'write_line') return telling.line;
    if (telling.type === 'send_mail') return `mail ${telling.subject}: ${telling.text}`;
    return `run ${[...telling.script.command, ...telling.extra].join(' ')}`;
  });
}

function told(notifier: VrrpNotifier, facts: string): string[] {
  return facts.split(', ').flatMap((fact) => {
    const [name = '', state = '', priority] = fact.split(' ');
    return texts(
      notifier.changed({
        instance: name,
        state: state as NotifiedFact['state'],
        priority: Number(priority ?? `1${name.slice(1)}`),
      }),
    );
  });
}

t.test('the lines of keepalived 2.2.7 for the life of four instances', (t) => {
  const tracked = instance('V3', 13, { tellsPriorities: true });
  const instances = quiet.instances.map((one) => (one.name === 'V3' ? tracked : one));
  const notifier = new VrrpNotifier({ ...quiet, instances });
  t.same(told(notifier, 'V1 BACKUP, V2 BACKUP, V3 BACKUP, V4 BACKUP'), [
    'GROUP "G" BACKUP 0',
    'INSTANCE "V1" BACKUP 11',
    'INSTANCE "V2" BACKUP 12',
    'INSTANCE "V3" BACKUP 13',
    'INSTANCE "V4" BACKUP 14',
  ]);
  t.same(told(notifier, 'V4 MASTER, V3 MASTER, V1 MASTER, V2 MASTER'), [
    'INSTANCE "V4" MASTER 14',
    'INSTANCE "V3" MASTER 13',
    'INSTANCE "V1" MASTER 11',
    'INSTANCE "V2" MASTER 12',
    'GROUP "G" MASTER 0',
  ]);
  t.same(told(notifier, 'V3 MASTER 3, V4 MASTER 4, V3 MASTER 3, V3 MASTER 13'), [
    'INSTANCE "V3" MASTER_PRIORITY 3',
    'INSTANCE "V3" MASTER_PRIORITY 13',
  ]);
  t.same(told(notifier, 'V1 FAULT, V2 FAULT, V3 FAULT'), [
    'INSTANCE "V1" FAULT 11',
    'INSTANCE "V2" FAULT 12',
    'GROUP "G" FAULT 0',
    'INSTANCE "V3" FAULT 13',
  ]);
  t.same(told(notifier, 'V2 BACKUP, V1 BACKUP'), [
    'INSTANCE "V2" BACKUP 12',
    'INSTANCE "V1" BACKUP 11',
    'GROUP "G" BACKUP 0',
  ]);
  t.same(told(notifier, 'V1 INIT, V9 MASTER'), [], 'nothing to say, nobody to say it of');
  t.same(texts(notifier.heardLowerPriority('V4')), ['INSTANCE "V4" MASTER_RX_LOWER_PRI 4']);
  t.same(texts(notifier.heardLowerPriority('V9')), []);
  t.same(texts(notifier.stopped()), [
    'INSTANCE "V1" STOP 11',
    'INSTANCE "V2" STOP 12',
    'INSTANCE "V3" STOP 13',
    'INSTANCE "V4" STOP 4',
    'GROUP "G" STOP 0',
  ]);
  t.end();
});

t.test('a start in FAULT tells of the group after its members', (t) => {
  const notifier = new VrrpNotifier(quiet);
  t.same(told(notifier, 'V1 FAULT, V2 FAULT, V3 FAULT'), [
    'INSTANCE "V1" FAULT 11',
    'INSTANCE "V2" FAULT 12',
    'GROUP "G" FAULT 0',
    'INSTANCE "V3" FAULT 13',
  ]);
  t.end();
});

t.test('scripts get their words, mails their text', (t) => {
  const groups = [{ ...group, members: ['V1', 'unknown'], notification: all }];
  const notifier = new VrrpNotifier({ ...quiet, instances: [instance('V1', 11, all)], groups });
  t.same(told(notifier, 'V1 BACKUP'), [
    'run backup',
    'run any GROUP G BACKUP 0',
    'GROUP "G" BACKUP 0',
    'mail [lab] VRRP Group G - Entering BACKUP state: ' +
      '=> All VRRP group instances are now in BACKUP state <=',
    'run backup',
    'run any INSTANCE V1 BACKUP 11',
    'INSTANCE "V1" BACKUP 11',
    'mail [lab] VRRP Instance V1 - Entering BACKUP state: ' +
      '=> VRRP Instance is no longer owning VRRP VIPs <=',
  ]);
  t.match(told(notifier, 'V1 MASTER').slice(0, 5), [
    'run master own',
    'run any INSTANCE V1 MASTER 11',
    'INSTANCE "V1" MASTER 11',
    /Entering MASTER state: => VRRP Instance is now owning VRRP VIPs <=/,
    'run master own',
  ]);
  t.same(texts(notifier.heardLowerPriority('V1')), [
    'run lower',
    'INSTANCE "V1" MASTER_RX_LOWER_PRI 11',
  ]);
  t.same(told(notifier, 'V1 MASTER 5'), ['INSTANCE "V1" MASTER_PRIORITY 5'], 'no script');
  t.match(texts(notifier.stopped()), [
    'run stop',
    'run any INSTANCE V1 STOP 5',
    'INSTANCE "V1" STOP 5',
    /VRRP Instance V1 - Stopping: => VRRP Instance stopping <=/,
    'run stop',
    'run any GROUP G STOP 0',
    'GROUP "G" STOP 0',
    /VRRP Group G - Stopping/,
  ]);
  const silent = new VrrpNotifier({
    ...quiet,
    instances: [instance('V1', 11, all)],
    groups: [],
    mailsFaults: false,
  });
  t.same(told(silent, 'V1 FAULT'), [
    'run fault',
    'run any INSTANCE V1 FAULT 11',
    'INSTANCE "V1" FAULT 11',
  ]);
  t.end();
});

t.test('a reload tells of those that are gone', (t) => {
  const deleted = { ...all, scripts: { ...all.scripts, deleted: script('deleted') } };
  const instances = [
    instance('V1', 11, { tellsPriorities: true }),
    instance('V2', 12, { ...all, sendsMails: false }),
    instance('V3', 13, deleted),
  ];
  const notifier = new VrrpNotifier({ ...quiet, instances, groups: [group] });
  told(notifier, 'V1 MASTER, V2 MASTER, V3 MASTER');
  const left = { ...instances[0], priority: 21 } as (typeof instances)[number];
  t.same(
    texts(
      notifier.reconfigure({
        ...quiet,
        instances: [left],
        groups: [group],
        tellsStatesOnReload: true,
      }),
    ),
    [
      'run any INSTANCE V2 FAULT 12',
      'INSTANCE "V2" FAULT 12',
      'run deleted',
      'run any INSTANCE V3 DELETED 13',
      'INSTANCE "V3" DELETED 13',
      'mail [lab] VRRP Instance V3 - Deleted: => VRRP Deleted at reload <=',
      'INSTANCE "V1" MASTER 11',
      'GROUP "G" MASTER 0',
    ],
  );
  t.same(told(notifier, 'V1 MASTER 21'), [], 'a new priority of the file is no news');
  t.same(told(notifier, 'V1 MASTER 22'), ['INSTANCE "V1" MASTER_PRIORITY 22']);
  t.same(texts(notifier.reconfigure({ ...quiet, instances: [left], groups: [] })), []);
  t.same(texts(notifier.reconfigure({ ...quiet, instances: [left], groups: [group] })), []);
  t.end();
});
