// What stands behind virtual_server: the address, mark, group or match that the service is for.
import type { IpAddress } from '../net/address.js';
import { hostEndpoint } from './host-address.js';
import { integer, type Phrase, word } from './phrases.js';

export type VirtualServerHead =
  | { readonly type: 'address'; readonly address: IpAddress; readonly port: number }
  | { readonly type: 'fwmark'; readonly mark: number }
  | { readonly type: 'group'; readonly name: string }
  /** DPVS: by src-range, dst-range, iif and oif. */
  | { readonly type: 'match'; readonly name: string };

const name = word('NAME');
const mark = integer(1, 4_294_967_295);

export const virtualServerHead: Phrase<VirtualServerHead> = {
  shape: `${hostEndpoint.shape} | fwmark ${mark.shape} | group NAME | match NAME`,
  read: (words) => {
    const kind = words.takeIf('fwmark', 'group', 'match')?.text;
    if (kind === 'fwmark') {
      const number = mark.read(words);
      return number === undefined ? undefined : { type: 'fwmark', mark: number };
    }
    if (kind === 'group' || kind === 'match') {
      const found = name.read(words);
      return found === undefined ? undefined : { type: kind, name: found };
    }
    const endpoint = hostEndpoint.read(words);
    return endpoint === undefined ? undefined : { type: 'address', ...endpoint };
  },
  write: (head) => {
    if (head.type === 'address') return hostEndpoint.write(head);
    if (head.type === 'fwmark') return ['fwmark', ...mark.write(head.mark)];
    return [head.type, ...name.write(head.name)];
  },
};

export function nameOf(head: VirtualServerHead): string {
  switch (head.type) {
    case 'address':
      return `${head.address} ${head.port}`;
    case 'fwmark':
      return `fwmark ${head.mark}`;
    default:
      return `${head.type} ${head.name}`;
  }
}
