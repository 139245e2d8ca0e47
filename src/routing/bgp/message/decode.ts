// One whole message from bytes to its value.
import { ok, type Result } from 'neverthrow';
import { type Header, headerOctets } from './header.js';
import type { MessageError, ReceivedMessage } from './message.js';
import { decodeNotification } from './notification.js';
import { decodeOpen } from './open.js';
import { decodeUpdate } from './received-update.js';
import { decodeRouteRefresh } from './route-refresh.js';
import type { SessionTerms } from './session-terms.js';

/** `message` has the header that was read, and all its octets. */
export function decodeMessage(
  type: Header['type'],
  message: Uint8Array,
  terms: SessionTerms,
): Result<ReceivedMessage, MessageError> {
  switch (type) {
    case 'open':
      return decodeOpen(message);
    case 'update':
      return decodeUpdate(message, terms);
    case 'notification':
      return ok(decodeNotification(message.subarray(headerOctets)));
    case 'keepalive':
      return ok({ type: 'keepalive' });
    case 'route_refresh':
      return decodeRouteRefresh(message, terms);
  }
}
