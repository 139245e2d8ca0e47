// Which of the kernel's notifications may mean that a route or a rule of ours is gone.
import { ok, type Result } from 'neverthrow';
import type { ObjectNews } from '../ports/kernel-objects.js';
import {
  decodeAddress,
  decodeLink,
  decodeMessages,
  messageTypes,
  type NetlinkError,
  type NetlinkMessage,
} from './netlink.js';
import { decodeDeletedRoute } from './netlink-route.js';
import { decodeDeletedRule } from './netlink-rule.js';

/** Remembers which interfaces are up: statistics and renewals are no news. */
export class ObjectNewsReader {
  readonly #up = new Map<number, boolean>();

  read(bytes: Uint8Array): readonly ObjectNews[] {
    const messages = decodeMessages(bytes);
    if (messages.isErr()) return [{ type: 'unknown' }];
    return messages.value.flatMap((message) => {
      const news = this.#readOne(message);
      if (news.isErr()) return [{ type: 'unknown' } as const];
      return news.value === null ? [] : [news.value];
    });
  }

  #readOne({ type, payload }: NetlinkMessage): Result<ObjectNews | null, NetlinkError> {
    switch (type) {
      case messageTypes.deleteRoute:
        return decodeDeletedRoute(payload);
      case messageTypes.deleteRule:
        return decodeDeletedRule(payload);
      case messageTypes.deleteAddress:
        return decodeAddress(payload).map(
          (address) =>
            address && ({ type: 'address_deleted', linkIndex: address.linkIndex } as const),
        );
      case messageTypes.newLink:
      case messageTypes.deleteLink:
        return decodeLink(payload).map((link) =>
          link === null
            ? null
            : this.#changed(link.index, type === messageTypes.newLink && link.isUp),
        );
      default:
        return ok(null);
    }
  }

  #changed(linkIndex: number, isUp: boolean): ObjectNews | null {
    if (this.#up.get(linkIndex) === isUp) return null;
    this.#up.set(linkIndex, isUp);
    return { type: 'link_changed', linkIndex };
  }
}
