// Addresses of hosts. keepalived cuts off what stands behind one after a "/" or a "-", in silence;
// we say so.
import type { IpAddress } from '../net/address.js';
import { type Argument, address, integer, optional, parseAddress, sequence } from './phrases.js';

export const hostAddress: Argument<IpAddress> = {
  ...address,
  read: (words) => {
    const word = words.peek();
    const [, host = ''] = /^([^/-]+)[/-][^/-]*$/.exec(word?.text ?? '') ?? [];
    const value = parseAddress(host);
    if (word === undefined || value === undefined) return address.read(words);
    words.take();
    const message = `of "${word.text}" only ${host} counts; ${words.subject.text} is one host`;
    words.report.notice('config.extra_word', word.position, message);
    return value;
  },
};

/** 0: any port, or that of the virtual server. */
export const hostEndpoint = sequence({
  address: hostAddress,
  port: optional(integer(0, 65_535), 0),
});
