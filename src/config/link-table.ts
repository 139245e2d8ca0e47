// Keywords at the root about interfaces: how their state is seen, how fast it counts, and how fast
// they may be told of addresses.
import { block, flag, kept, lines, setting } from './keywords.js';
import { keptOptions, mark } from './options.js';
import {
  choice,
  interfaceName,
  many,
  optional,
  type Phrase,
  type PhraseValue,
  seconds,
  sequence,
} from './phrases.js';
import { exactly } from './word-count.js';

const methods = keptOptions({
  MII: mark('Read the register of the transceiver.'),
  ETHTOOL: mark('Ask the driver as ethtool does.'),
  IOCTL: mark('Look at the running flag of the interface.'),
});

const linkbeat = {
  ...exactly(
    sequence({
      interface: interfaceName,
      method: optional(choice('MII', 'ETHTOOL', 'IOCTL'), null),
    }),
  ),
  options: methods,
};

/** null: the first method that the driver of the interface knows. */
export type Linkbeat = PhraseValue<typeof linkbeat>;

export type LinkDelays = {
  readonly interface: string;
  readonly downMs: number;
  readonly upMs: number;
};

const delay = seconds(0, 255);
const optionalDelay = optional(delay, 0);

const linkDelays: Phrase<LinkDelays> = {
  shape: `${interfaceName.shape} [DOWN [UP]], ${delay.shape} each`,
  read: (words) => {
    const name = interfaceName.read(words);
    if (name === undefined) return undefined;
    const downMs = optionalDelay.read(words);
    if (downMs === undefined) return undefined;
    const upMs = optionalDelay.read(words);
    return upMs === undefined ? undefined : { interface: name, downMs, upMs };
  },
  write: ({ interface: name, downMs, upMs }) => [
    ...interfaceName.write(name),
    ...(downMs === 0 && upMs === 0 ? [] : delay.write(downMs)),
    ...optionalDelay.write(upMs),
  ],
};

/** keepalived keeps these as signed microseconds in 32 bits. */
const spacing = seconds(0, 2147.483647);

export const garpGroupTable = {
  garp_interval: setting('Time between gratuitous ARP messages of all of them.', spacing),
  gna_interval: setting(
    'Time between unsolicited neighbour advertisements of all of them.',
    spacing,
  ),
  interface: setting('An interface of the group.', interfaceName, { repeats: 'all' }),
  interfaces: lines('Interfaces of the group.', many(interfaceName)),
};

export const linkRootTable = {
  linkbeat_use_polling: kept(
    flag('Ask for the state of links instead of being told by the kernel.'),
  ),
  linkbeat_interfaces: kept(
    lines('Interfaces whose link is asked for its state, and how.', linkbeat),
  ),
  interface_up_down_delays: lines(
    'How long an interface must be down, or up again, before it counts; 0 without a word.',
    linkDelays,
  ),
  garp_group: block(
    'Interfaces that share a limit on gratuitous ARP and neighbour advertisements.',
    garpGroupTable,
    { repeats: 'all' },
  ),
};
