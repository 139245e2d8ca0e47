// What SMTP_CHECK says to a mail server, and what it must hear (RFC 5321 sections 3.1, 3.2, 4.2):
// 220, HELO, 250, QUIT, 221. Pure. Replies of several lines are taken as a whole, lines may end
// without a carriage return, and what a server sends is bounded.

type Stage = 'greeting' | 'helo' | 'quit';

export type Conversation = {
  readonly stage: Stage;
  /** Of a reply that is not complete yet, one letter for each octet. */
  readonly heard: string;
};

export type Turn =
  | { readonly type: 'goes_on'; readonly conversation: Conversation; readonly say: string }
  | { readonly type: 'succeeded' }
  /** `why` ends a sentence: "Bad greeting banner (554 go away)". */
  | { readonly type: 'failed'; readonly why: string };

type Step = {
  readonly code: string;
  /** In keepalived's words. */
  readonly fault: string;
  /** null: that was all. */
  readonly next: { readonly stage: Stage; readonly say: (heloName: string) => string } | null;
};

const steps: { readonly [S in Stage]: Step } = {
  greeting: {
    code: '220',
    fault: 'Bad greeting banner',
    next: { stage: 'helo', say: (heloName) => `HELO ${cleaned(heloName)}\r\n` },
  },
  helo: {
    code: '250',
    fault: 'Bad HELO response',
    next: { stage: 'quit', say: () => 'QUIT\r\n' },
  },
  quit: { code: '221', fault: 'Bad QUIT response', next: null },
};

export const smtpBeginning: Conversation = { stage: 'greeting', heard: '' };

/** Twice what RFC 5321 section 4.5.3.1.5 allows. */
export const lineOctetsMax = 1024;
export const replyOctetsMax = 16_384;
const shownMax = 80;

/** `bytes` are what came next, however it was cut. */
export function hear(before: Conversation, bytes: Uint8Array, heloName: string): Turn {
  let { stage, heard } = before;
  let say = '';
  heard += Buffer.from(bytes).toString('latin1');
  for (;;) {
    const reply = replyIn(heard);
    if (reply.type === 'incomplete') {
      return { type: 'goes_on', conversation: { stage, heard }, say };
    }
    const { code, fault, next } = steps[stage];
    if (reply.type === 'wrong' || reply.code !== code) {
      return { type: 'failed', why: `${fault} (${shown(reply.line)})` };
    }
    if (next === null) return { type: 'succeeded' };
    stage = next.stage;
    heard = heard.slice(reply.length);
    say += next.say(heloName);
  }
}

type Reply =
  | { readonly type: 'incomplete' }
  | { readonly type: 'wrong'; readonly line: string }
  | {
      readonly type: 'complete';
      readonly code: string;
      readonly line: string;
      readonly length: number;
    };

function replyIn(heard: string): Reply {
  for (let start = 0; ; ) {
    const end = heard.indexOf('\n', start);
    const line = heard.slice(start, end === -1 ? undefined : end);
    const isTooLong = line.length > lineOctetsMax || start + line.length > replyOctetsMax;
    if (isTooLong) return { type: 'wrong', line: `endless: ${line}` };
    if (end === -1) return { type: 'incomplete' };
    const [, code = '', mark] = /^([0-9]{3})([ -]?)/.exec(line) ?? [];
    if (code === '' || !heard.startsWith(code)) return { type: 'wrong', line };
    if (mark !== '-') return { type: 'complete', code, line, length: end + 1 };
    start = end + 1;
  }
}

/** A server's words in the log: no control character, not too many. */
function shown(line: string): string {
  return cleaned(line).trim().slice(0, shownMax);
}

function cleaned(text: string): string {
  return text.replaceAll(/\r$/g, '').replaceAll(/[^ -~]/g, '?');
}
