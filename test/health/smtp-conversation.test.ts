import fc from 'fast-check';
import t from 'tap';
import {
  type Conversation,
  hear,
  lineOctetsMax,
  replyOctetsMax,
  smtpBeginning,
  type Turn,
} from '../../src/health/smtp-conversation.js';

const proper =
  '220-mail.example.com\r\n220-of ours\r\n220 ready\r\n250-hello\n250 SIZE\n221 bye\r\n';

/** What is said to a server that says all this, however it is cut. */
function told(pieces: readonly Uint8Array[], heloName = 'me'): { said: string; turn: Turn } {
  let conversation: Conversation = smtpBeginning;
  let said = '';
  let turn: Turn = { type: 'goes_on', conversation, say: '' };
  for (const piece of pieces) {
    turn = hear(conversation, piece, heloName);
    if (turn.type !== 'goes_on') break;
    conversation = turn.conversation;
    said += turn.say;
  }
  return { said, turn };
}

const of = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

t.test('a mail server is greeted and left', (t) => {
  const step = hear(smtpBeginning, of('220 mail\r\n'), 'me.example');
  t.match(step, { type: 'goes_on', say: 'HELO me.example\r\n' });
  t.same(told([of(proper)]), {
    said: '',
    turn: { type: 'succeeded' },
  });
  t.same(told([of('220 a\r\n'), of('250 b\r\n'), of('221 c\r\n')]), {
    said: 'HELO me\r\nQUIT\r\n',
    turn: { type: 'succeeded' },
  });
  t.match(hear(smtpBeginning, of('220\n'), 'a\r\nMAIL FROM:<b>'), {
    say: 'HELO a??MAIL FROM:<b>\r\n',
  });
  t.end();
});

t.test('what is wrong is said in words, cleaned and cut', (t) => {
  const why = (...lines: string[]) => {
    const { turn } = told(lines.map(of));
    return turn.type === 'failed' ? turn.why : turn.type;
  };
  t.equal(why('554 go\x1b[31m away\r\n'), 'Bad greeting banner (554 go?[31m away)');
  t.equal(why('SSH-2.0-x\r\n'), 'Bad greeting banner (SSH-2.0-x)');
  t.equal(why('220-a\r\n250 b\r\n'), 'Bad greeting banner (250 b)', 'one reply has one code');
  t.equal(why('2200 a\r\n'), 'goes_on', 'keepalived reads three digits, too');
  t.equal(why('220 a\r\n', '500 no\r\n'), 'Bad HELO response (500 no)');
  t.equal(why('220 a\r\n', '250 b\r\n', '421 later\r\n'), 'Bad QUIT response (421 later)');
  t.equal(why(`554 ${'x'.repeat(200)}\r\n`), `Bad greeting banner (554 ${'x'.repeat(76)})`);
  t.match(why('2'.repeat(lineOctetsMax + 1)), /^Bad greeting banner \(endless: 222/);
  t.match(why('220-more\r\n'.repeat(replyOctetsMax / 10 + 1)), /^Bad greeting banner \(endless/);
  t.end();
});

t.test('however it is cut, it means the same', (t) => {
  const places = fc.array(fc.nat(proper.length), { maxLength: 20 });
  fc.assert(
    fc.property(places, (where) => {
      t.same(told(cut(of(proper), where)).turn, { type: 'succeeded' });
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('nothing that a server sends throws or piles up', (t) => {
  const line = fc.oneof(fc.string(), fc.constantFrom('220 a\r\n', '250 b\r\n', '250-c\r\n', '\n'));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    line.map((text) => of(text)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { turn } = told(pieces);
      if (turn.type !== 'goes_on') return true;
      return turn.conversation.heard.length <= replyOctetsMax;
    }),
    { numRuns: 300 },
  );
  t.end();
});
