// Which of the kernel's notifications change what Kernel.links and Kernel.addresses answer. A
// renewed lifetime, a neighbour's statistics, a bridge port's view do not; every lease renewal
// would wake the daemon.
import type { Result } from 'neverthrow';
import { formatPrefix } from '../net/prefix.js';
import {
  decodeAddress,
  decodeLink,
  decodeMessages,
  messageTypes,
  type NetlinkMessage,
} from './netlink.js';

/** Knows what the notifications said so far; at first nothing. */
export class RouteNews {
  readonly #known = new Map<string, string>();

  /** True when something changed, or when the bytes cannot be read. */
  take(bytes: Uint8Array): boolean {
    const messages = decodeMessages(bytes);
    if (messages.isErr()) return true;
    // No short cut: each message must be taken.
    return messages.value.filter((message) => this.#takeOne(message)).length > 0;
  }

  /** Notifications were lost. */
  forget(): void {
    this.#known.clear();
  }

  #takeOne({ type, payload }: NetlinkMessage): boolean {
    switch (type) {
      case messageTypes.newLink:
      case messageTypes.deleteLink:
        return this.#record(
          type === messageTypes.newLink,
          decodeLink(payload).map(
            (link) => link && { key: `link ${link.index}`, value: JSON.stringify(link) },
          ),
        );
      case messageTypes.newAddress:
      case messageTypes.deleteAddress:
        return this.#record(
          type === messageTypes.newAddress,
          decodeAddress(payload).map(
            (address) =>
              address && { key: `${address.linkIndex} ${formatPrefix(address.prefix)}`, value: '' },
          ),
        );
      default:
        return false;
    }
  }

  #record(
    isThere: boolean,
    fact: Result<{ readonly key: string; readonly value: string } | null, unknown>,
  ): boolean {
    if (fact.isErr()) return true;
    if (fact.value === null) return false;
    const { key, value } = fact.value;
    if (!isThere) {
      this.#known.delete(key);
      return true;
    }
    if (this.#known.get(key) === value) return false;
    this.#known.set(key, value);
    return true;
  }
}
