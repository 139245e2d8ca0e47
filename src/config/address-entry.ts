// An address with its options, as static_ipaddress and virtual_ipaddress have one on each line:
// "192.0.2.1/24 dev eth0 scope global", with the words of iproute2.
import type { Prefix } from '../net/prefix.js';
import { keptOptions, mark, type Options, option, options } from './options.js';
import { interfaceName, type Phrase, prefix, word } from './phrases.js';

export const addressOptions = {
  dev: option('Interface that gets the address.', interfaceName),
  ...keptOptions({
    scope: option(
      'Scope of the address: host, link, global, site, nowhere or a number.',
      word('SCOPE'),
    ),
    broadcast: option(
      'Broadcast address; + and - set or clear the host bits.',
      word('ADDRESS|+|-'),
    ),
    brd: { ...option('Short for broadcast.', word('ADDRESS|+|-')), sameAs: 'broadcast' },
    label: option('Label of the address, as in eth0:1.', word('LABEL')),
    home: mark('IPv6 home address (RFC 6275).'),
    '-nodad': mark('No duplicate address detection (IPv6).'),
    mngtmpaddr: mark('The kernel makes temporary addresses from this one (IPv6).'),
    noprefixroute: mark('No route for the prefix of the address.'),
    autojoin: mark('Join the multicast group that the address is.'),
    no_track: mark('The address is not watched and not restored when someone deletes it.'),
    track_group: option('static_track_group whose instances follow the address.', word('GROUP')),
  }),
};

export type AddressEntry = {
  readonly prefix: Prefix;
  readonly options: Options<typeof addressOptions>;
};

const entryOptions = options('an address', addressOptions);

export const addressEntry: Phrase<AddressEntry> = {
  shape: `${prefix.shape} [OPTION…]`,
  options: addressOptions,
  read: (words) => {
    const isHome = words.takeIf('home') !== undefined;
    const address = prefix.read(words);
    if (address === undefined) return undefined;
    const found = entryOptions.read(words);
    if (found === undefined) return undefined;
    return { prefix: address, options: isHome ? { ...found, home: true } : found };
  },
  write: (value) => [...prefix.write(value.prefix), ...entryOptions.write(value.options)],
};
