// What a UDP_CHECK sends and expects: hexadecimal digits as keepalived has them, or plain text as
// DPVS has it. It is text as soon as a letter in it is no hexadecimal digit.
import type { Phrase } from './phrases.js';

export type Payload =
  /** Two digits an octet; in what is expected an X stands for any digit. */
  | { readonly type: 'octets'; readonly digits: string }
  | { readonly type: 'text'; readonly text: string };

const expected = 'hexadecimal digits (a space may stand between octets), or plain text';

export const payload: Phrase<Payload> = payloadOf('HEX|TEXT', /^[0-9a-f ]+$/i);

/** With wildcards. */
export const replyPattern: Phrase<Payload> = payloadOf('HEX|TEXT', /^[0-9a-fx ]+$/i);

function payloadOf(shape: string, hexadecimal: RegExp): Phrase<Payload> {
  return {
    shape,
    read: (words) => {
      const all = words.takeAll();
      const [first] = all;
      if (first === undefined) return words.missing(expected);
      const text = all.map((word) => word.text).join(' ');
      if (text.trim() === '') return words.wrong(first, expected);
      if (hexadecimal.test(text)) return { type: 'octets', digits: digitsOf(text) };
      const message = `"${text}" is sent and compared as text, as DPVS does; keepalived refuses it`;
      words.report.notice('config.changed_meaning', first.position, message);
      return { type: 'text', text };
    },
    write: (value) => [value.type === 'octets' ? value.digits : `"${value.text}"`],
  };
}

/** A digit that stands alone is an octet: "4 86" is 04 86. */
function digitsOf(text: string): string {
  const octets = text.split(' ').flatMap((group) => group.match(/..?/g) ?? []);
  return octets.map((octet) => octet.toLowerCase().replaceAll('x', 'X').padStart(2, '0')).join('');
}
