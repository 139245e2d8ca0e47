// A mail as it goes over the wire (RFC 5322, RFC 5321 section 4.5.2): keepalived's headers in its
// order, no line of which can be forged by a name in the configuration.
import type { Mail, MailRoute } from '../ports/mailer.js';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** RFC 5321 section 4.5.3.1.6 asks for less than 998. */
const textLineMax = 900;

/** Ends with the line of one dot. */
export function mailMessage(mail: Mail, route: MailRoute, now: Date): string {
  const headers = [
    `Date: ${mailDate(now)}`,
    `From: ${singleLine(route.sender)}`,
    `Subject: ${encodedWord(singleLine(mail.subject))}`,
    'X-Mailer: Keepalived',
    `To: ${route.recipients.map(singleLine).join(', ')}`,
  ];
  const text = mail.text.split(/\r\n|\r|\n/).flatMap(folded);
  const lines = [...headers, '', ...text.map(dotStuffed), ''];
  return `${lines.join('\r\n')}\r\n.\r\n`;
}

/** What stands between < and > of "Name <address>", or all of it. */
export function bareAddress(written: string): string {
  const inside = /<([^<>]*)>/.exec(written)?.[1] ?? written;
  return inside.replaceAll(/[\p{Cc}\s<>]/gu, '');
}

function mailDate(now: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const date = `${two(now.getDate())} ${months[now.getMonth()]} ${now.getFullYear()}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  const offset = -now.getTimezoneOffset();
  const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const zone = `${offset < 0 ? '-' : '+'}${two(hours)}${two(minutes)}`;
  return `${days[now.getDay()]}, ${date} ${time} ${zone}`;
}

function singleLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, textLineMax);
}

/** RFC 2047, where the text is not ASCII. */
function encodedWord(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  // A piece of at most 13 characters of 4 octets is within the 75 columns of an encoded word.
  const pieces = text.match(/.{1,13}/gsu) ?? [];
  return pieces
    .map((piece) => `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`)
    .join('\r\n ');
}

function folded(line: string): readonly string[] {
  return line === '' ? [''] : (line.match(new RegExp(`.{1,${textLineMax}}`, 'gsu')) ?? []);
}

function dotStuffed(line: string): string {
  return line.startsWith('.') ? `.${line}` : line;
}
