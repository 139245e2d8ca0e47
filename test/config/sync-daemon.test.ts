import t from 'tap';
import { syncDaemon } from '../../src/config/sync-daemon.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('an interface and options in any order', (t) => {
  t.same(valueAs(syncDaemon, 'eth0'), { interface: 'eth0', options: {} });
  const { value, written, complaints } = readAs(
    syncDaemon,
    'eth0 group ff02::81 ttl 4 port 8849 maxlen 1400 id 255 inst "V 1"',
  );
  t.same(complaints, []);
  t.same(value?.options, {
    inst: 'V 1',
    id: 255,
    maxlen: 1400,
    port: 8849,
    ttl: 4,
    group: 'ff02::81',
  });
  t.equal(written, 'eth0 inst "V 1" id 255 maxlen 1400 port 8849 ttl 4 group ff02::81');
  t.end();
});

t.test('as it was long ago: the instance and the number as bare words', (t) => {
  t.equal(readAs(syncDaemon, 'eth0 V').written, 'eth0 inst V');
  t.same(readAs(syncDaemon, 'eth0 V 7 ttl 2'), {
    value: { interface: 'eth0', options: { inst: 'V', id: 7, ttl: 2 } },
    written: 'eth0 inst V id 7 ttl 2',
    complaints: ['12: warning: key has its number without a name; write "id 7"'],
  });
  t.match(readAs(syncDaemon, 'eth0 V 300').complaints, [/^12: error: "300" is not what key takes/]);
  t.end();
});

t.test('what is wrong leaves it out', (t) => {
  for (const [words, complaint] of [
    ['', /^1: error: key is missing its argument: INTERFACE$/],
    ['abcdefghijklmnop', /^5: error: "abcdefghijklmnop" .* INTERFACE, 15 characters at most$/],
    ['eth0 id 256', /^13: error: "256" is not what key takes: a whole number, 0-255$/],
    ['eth0 id', /^1: error: key is missing its argument: 0-255$/],
    ['eth0 inst', /^1: fatal: key is missing its argument: INSTANCE$/],
    ['eth0 inst A inst B', /^17: error: key has a VRRP instance already: A$/],
    ['eth0 A inst B', /^12: error: key has a VRRP instance already: A$/],
    ['eth0 id 5 prot 1', /^15: error: "prot" is not known behind key; did you mean "port"\?$/],
    ['eth0 id 5 zzzzz', /known are: inst, id, maxlen, port, ttl, group$/],
  ] as const) {
    const { value, complaints } = readAs(syncDaemon, words);
    t.equal(value, undefined, words);
    t.match(complaints, [complaint], words);
  }
  t.end();
});
