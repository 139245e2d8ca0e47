// How packets reach a real server (lb_kind, lvs_method), with the encapsulation of TUN: "TUN type
// gue port 6080 csum".
import { mark, type Options, option, options } from './options.js';
import { choice, integer, type Phrase } from './phrases.js';
import { needed } from './word-count.js';

const kind = choice('NAT', 'DR', 'TUN', 'FNAT', 'SNAT');

const tunnelOptions = {
  type: option(
    'Encapsulation of TUN: ipip, gue (UDP) or gre; ipip unless it is given.',
    needed(choice('ipip', 'gue', 'gre')),
  ),
  port: option('UDP port of gue.', needed(integer(1, 65_535))),
  csum: mark('Checksums in the outer header, gue and gre only.'),
  nocsum: mark('No checksums in the outer header.'),
  remcsum: mark('Checksums by remote offload, gue only.'),
};

const tunnel = options('TUN', tunnelOptions);

type Tunnel = Options<typeof tunnelOptions>;

export type Forwarding = {
  readonly kind: 'NAT' | 'DR' | 'TUN' | 'FNAT' | 'SNAT';
  readonly tunnel: Tunnel;
};

export const forwarding: Phrase<Forwarding> = {
  shape: `${kind.shape} ${tunnel.shape}`,
  options: tunnelOptions,
  read: (words) => {
    const found = kind.read(words);
    if (found === undefined) return undefined;
    const { position } = words;
    const written = tunnel.read(words);
    if (written === undefined) return undefined;
    const fault = faultOf(written);
    if (fault !== null) {
      words.report.error('config.bad_argument', position, `${words.subject.text}: ${fault}`);
      return undefined;
    }
    if (found !== 'TUN' && Object.keys(written).length > 0) {
      const message = `${found} is no tunnel; nothing comes of what follows it`;
      words.report.notice('config.no_effect', position, message);
    }
    return { kind: found, tunnel: withLastChecksum(written) };
  },
  write: (value) => [...kind.write(value.kind), ...tunnel.write(value.tunnel)],
};

function faultOf({ type = 'ipip', port, ...flags }: Tunnel): string | null {
  if ((type === 'gue') !== (port !== undefined)) {
    return type === 'gue' ? 'a gue tunnel needs a port: type gue port 6080' : 'only gue has a port';
  }
  const checksum = checksumOf(flags);
  if (type === 'ipip' && (checksum === 'csum' || checksum === 'remcsum')) {
    return `an ipip tunnel has no checksum; remove "${checksum}"`;
  }
  return type === 'gre' && checksum === 'remcsum' ? 'only gue has remcsum' : null;
}

const checksums = ['csum', 'nocsum', 'remcsum'] as const;

/** Of several the last one counts. */
function checksumOf(written: Tunnel): (typeof checksums)[number] | undefined {
  return Object.keys(written).reduce<(typeof checksums)[number] | undefined>(
    (last, name) => checksums.find((one) => one === name) ?? last,
    undefined,
  );
}

function withLastChecksum(written: Tunnel): Tunnel {
  const { csum: _1, nocsum: _2, remcsum: _3, ...others } = written;
  const checksum = checksumOf(written);
  return checksum === undefined ? others : { ...others, [checksum]: true };
}
