// lvs_sync_daemon: the interface that connections are synchronised over, and how. Versions long ago
// had the VRRP instance and the number as bare words behind it.
import { multicastAddress } from './multicast-address.js';
import { nearest } from './nearest.js';
import { keptOptions, type Options, option, writeOptions } from './options.js';
import { integer, type Phrase } from './phrases.js';
import { text, textUpTo } from './text.js';
import { needed } from './word-count.js';
import type { WordReader } from './word-reader.js';

/** Linux has 16 octets for the name of an interface, the last one 0. */
const interfaceOctetsMax = 15;
const identifier = integer(0, 255);

export const syncDaemonOptions = keptOptions({
  inst: option('VRRP instance whose state decides which side sends.', text('INSTANCE')),
  id: option('Number of the synchronisation on its segment.', needed(identifier)),
  maxlen: option('Largest message in bytes.', needed(integer(1, 65_507))),
  port: option('UDP port of the messages.', needed(integer(1, 65_535))),
  ttl: option('How many routers the messages may cross.', needed(integer(1, 255))),
  group: option('Multicast group of the messages.', needed(multicastAddress('any'))),
});

export type SyncDaemon = {
  readonly interface: string;
  readonly options: Options<typeof syncDaemonOptions>;
};

const interfaceWord = needed(textUpTo('INTERFACE', interfaceOctetsMax));

export const syncDaemon: Phrase<SyncDaemon> = {
  shape: 'INTERFACE [OPTION…]',
  options: syncDaemonOptions,
  read: (words) => {
    const name = interfaceWord.read(words);
    if (name === undefined) return undefined;
    const found: Found = {};
    if (!readBareWords(words, found)) return undefined;
    while (words.peek() !== undefined) if (!readOption(words, found)) return undefined;
    return { interface: name, options: found as SyncDaemon['options'] };
  },
  write: (value) => [
    ...text('INTERFACE').write(value.interface),
    ...writeOptions(syncDaemonOptions, value.options),
  ],
};

type Found = Record<string, unknown>;

function isOption(name: string): name is keyof typeof syncDaemonOptions {
  return Object.hasOwn(syncDaemonOptions, name);
}

/** INSTANCE [NUMBER]; the number is warned of, as keepalived does. */
function readBareWords(words: WordReader, found: Found): boolean {
  const instance = words.peek();
  if (instance === undefined || isOption(instance.text)) return true;
  words.take();
  found['inst'] = instance.text;
  const number = words.peek();
  if (number === undefined || isOption(number.text)) return true;
  const id = identifier.read(words);
  if (id === undefined) return false;
  const message = `${words.subject.text} has its number without a name; write "id ${id}"`;
  words.report.warning('config.obsolete_option', number.position, message);
  found['id'] = id;
  return true;
}

function readOption(words: WordReader, found: Found): boolean {
  const name = words.take();
  if (name === undefined) return false;
  if (!isOption(name.text)) {
    const known = Object.keys(syncDaemonOptions);
    const near = nearest(name.text, known);
    const hint = near === null ? `known are: ${known.join(', ')}` : `did you mean "${near}"?`;
    const message = `"${name.text}" is not known behind ${words.subject.text}; ${hint}`;
    words.report.error('config.unknown_option', name.position, message);
    return false;
  }
  if (name.text === 'inst' && found['inst'] !== undefined) {
    const message = `${words.subject.text} has a VRRP instance already: ${found['inst']}`;
    words.report.error('config.duplicate', name.position, message);
    return false;
  }
  const value = syncDaemonOptions[name.text].phrase?.read(words);
  found[name.text] = value;
  return value !== undefined;
}
