// An address with its options, as static_ipaddress and virtual_ipaddress have one on each line:
// "192.0.2.1/24 dev eth0 scope global", with the words of iproute2.
import type { Prefix } from '../net/prefix.js';
import { mark, type Options, type OptionTable, option, options } from './options.js';
import { argument, interfaceName, type Phrase, prefix, word } from './phrases.js';

const lifetime = argument('SECONDS|forever', 'seconds, or forever', (text) =>
  /^([0-9]{1,10}|forever)$/.test(text) ? text : undefined,
);

const broadcast = option(
  'Broadcast address; + and - set or clear the host bits.',
  word('ADDRESS|+|-'),
);

/** Of every address. */
const commonOptions = {
  dev: option('Interface that gets the address.', interfaceName),
  scope: option('Scope of the address.', word('host|link|global|site|nowhere|NUMBER')),
  broadcast,
  brd: { ...broadcast, sameAs: 'broadcast' },
  label: option('Label of the address, as in eth0:1.', word('LABEL')),
  peer: option('Address at the other end of a point-to-point link.', prefix),
  preferred_lft: option('How long it is preferred; 0: never for new connections.', lifetime),
  home: mark('IPv6 home address (RFC 6275).'),
  '-nodad': mark('With duplicate address detection (IPv6), which is off otherwise.'),
  mngtmpaddr: mark('The kernel makes temporary addresses from this one (IPv6).'),
  noprefixroute: mark('No route for the prefix of the address.'),
  autojoin: mark('Join the multicast group that the address is.'),
  no_track: mark('The address is not watched and not restored when someone deletes it.'),
};

const staticOptions = {
  ...commonOptions,
  track_group: option('track_group whose instances need the address.', word('GROUP')),
};

export const vrrpAddressOptions = {
  ...commonOptions,
  use_vmac: mark('The address goes to a VMAC on its own interface.'),
};

export type AddressEntry<T extends OptionTable = typeof commonOptions> = {
  readonly prefix: Prefix;
  readonly options: Options<T>;
};

function entry<T extends OptionTable>(table: T): Phrase<AddressEntry<T>> {
  const entryOptions = options('an address', table);
  return {
    shape: `${prefix.shape} [OPTION…]`,
    options: table,
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
}

/** A line of static_ipaddress. */
export const addressEntry = entry(staticOptions);

/** A line of virtual_ipaddress. */
export const vrrpAddressEntry = entry(vrrpAddressOptions);
