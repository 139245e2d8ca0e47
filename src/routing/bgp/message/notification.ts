// NOTIFICATION (RFC 4271 section 4.5): why a session ends, with a text for the operator at the
// other end (RFC 9003), and the real reason inside of a hard reset (RFC 8538 section 3).
import { framed, headerOctets, messageOctetsMax } from './header.js';
import type { Notification } from './message.js';
import { notificationName } from './notification-names.js';
import { readableText, textOctets } from './readable-text.js';

const cease = 6;
const hardReset = 9;
/** Administrative Shutdown and Administrative Reset. */
const subcodesWithText: readonly number[] = [2, 4];
const shutdownTextOctetsMax = 255;
const dataOctetsMax = messageOctetsMax - headerOctets - 2;

/** Data that is too long is cut: it only explains. */
export function encodeNotification(
  notification: Pick<Notification, 'code' | 'subcode' | 'data'>,
): Uint8Array {
  const { code, subcode, data } = notification;
  return framed('notification', Uint8Array.of(code, subcode, ...data.subarray(0, dataOctetsMax)));
}

/** Of a message whose length is right. */
export function decodeNotification(body: Uint8Array): Notification {
  const [code = 0, subcode = 0] = body;
  // A copy: the chunk that it came in is not kept alive by it.
  return { type: 'notification', code, subcode, data: body.slice(2, 2 + dataOctetsMax) };
}

/** Cease with a text, cut at 255 octets; without a text when it is empty. */
export function shutdownNotification(subcode: 2 | 4, text: string): Notification {
  const octets = textOctets(text, shutdownTextOctetsMax);
  const data = octets.length === 0 ? octets : Uint8Array.of(octets.length, ...octets);
  return { type: 'notification', code: cease, subcode, data };
}

/** RFC 8538: the neighbour forgets our routes although graceful restart was agreed. */
export function hardResetNotification(reason: Notification): Notification {
  const { code, subcode, data } = reason;
  const inner = data.subarray(0, dataOctetsMax - 2);
  const whole = Uint8Array.of(code, subcode, ...inner);
  return { type: 'notification', code: cease, subcode: hardReset, data: whole };
}

/** What a hard reset says inside of it; any other as it is. */
export function reasonOf(notification: Notification): Notification {
  const { code, subcode, data } = notification;
  const [innerCode, innerSubcode] = data;
  if (code !== cease || subcode !== hardReset) return notification;
  if (innerCode === undefined || innerSubcode === undefined) return notification;
  return { type: 'notification', code: innerCode, subcode: innerSubcode, data: data.slice(2) };
}

/**
 * The text of a shutdown or reset, safe to print; null: there is none. RFC 9003 section 4: one that
 * is malformed must not do any harm; one whose length is wrong is left out.
 */
export function shutdownText(notification: Notification): string | null {
  const { code, subcode, data } = reasonOf(notification);
  if (code !== cease || !subcodesWithText.includes(subcode)) return null;
  const octets = data[0] ?? 0;
  if (octets === 0 || octets > data.length - 1) return null;
  return readableText(data.subarray(1, 1 + octets));
}

/** "Cease/Administrative Shutdown", "Cease/Hard Reset (Cease/Peer De-configured)". */
export function describeNotification(notification: Notification): string {
  const name = notificationName(notification.code, notification.subcode);
  const reason = reasonOf(notification);
  if (reason === notification) return name;
  return `${name} (${notificationName(reason.code, reason.subcode)})`;
}
