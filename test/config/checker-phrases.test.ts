import t from 'tap';
import { loggedOnly } from '../../src/config/logged-only.js';
import { payload, replyPattern } from '../../src/config/payload.js';
import { integer } from '../../src/config/phrases.js';
import { regexFault } from '../../src/config/regex-fault.js';
import { regexTable } from '../../src/config/regex-table.js';
import { statusCodes } from '../../src/config/status-codes.js';
import { exactly } from '../../src/config/word-count.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('a payload is hexadecimal, and text as soon as one letter is no digit', (t) => {
  const digits = (words: string) => {
    const value = valueAs(payload, words);
    return value?.type === 'octets' ? value.digits : null;
  };
  t.equal(digits('48656c6C'), '48656c6c');
  t.equal(digits('48 65 6c'), '48656c', 'spaces between octets');
  t.equal(digits('"48 65"'), '4865');
  t.equal(digits('4 86'), '0486', 'a digit alone is an octet');
  t.equal(digits('486'), '4806');
  t.equal(digits('00ff'), '00ff');
  t.same(readAs(payload, 'hello world'), {
    value: { type: 'text', text: 'hello world' },
    written: '"hello world"',
    complaints: [
      '5: notice: "hello world" is sent and compared as text, as DPVS does; keepalived refuses it',
    ],
  });
  t.equal(readAs(payload, 'X0').value?.type, 'text', 'nothing to ignore in what is sent');
  t.match(readAs(payload, '""').complaints, [/^5: error: "" is not what key takes: hexadecimal/]);
  t.end();
});

t.test('an X in an expected answer is any digit', (t) => {
  t.same(valueAs(replyPattern, '0x Xf 1'), { type: 'octets', digits: '0XXf01' });
  t.equal(readAs(replyPattern, '0XXf01').written, '0XXf01');
  t.equal(readAs(replyPattern, 'ok').value?.type, 'text');
  t.end();
});

t.test('status codes: a wrong one is left out', (t) => {
  t.same(valueAs(statusCodes, '200 204-206'), [
    { first: 200, last: 200 },
    { first: 204, last: 206 },
  ]);
  t.same(valueAs(statusCodes, ''), []);
  for (const wrong of ['99', '600', '300-200', '200-', '200,201', 'x', '200-299-300']) {
    const { written, complaints } = readAs(statusCodes, `100 ${wrong} 599`);
    t.equal(written, '100 599', wrong);
    t.match(complaints, [/^9: error: .* a status code, 100-599, or a range like 200-299$/], wrong);
  }
  t.end();
});

t.test('what keepalived only logs is a notice', (t) => {
  const phrase = loggedOnly(exactly(integer(0, 9)));
  t.equal(valueAs(phrase, '5'), 5);
  t.same(readAs(phrase, 'x'), {
    value: undefined,
    written: null,
    complaints: [
      '5: notice: "x" is not what key takes: a whole number, 0-9; the keyword is left out',
    ],
  });
  t.match(readAs(phrase, '5 6').complaints, [/^7: notice: .* one word too many/]);
  t.match(readAs(phrase, '').complaints, [/^1: notice: key is missing its argument/]);
  t.end();
});

t.test('keywords of a regular expression', (t) => {
  const wordsOf = (name: keyof typeof regexTable, words: string) => {
    const { phrase } = regexTable[name];
    if (phrase === null) throw new Error(`assertion: ${name} takes words`);
    return readAs(phrase, words);
  };
  t.equal(wordsOf('regex', '"a \\"b\\" (c|d)"').value, 'a "b" (c|d)');
  t.equal(wordsOf('regex', `'a b'`).value, 'a b');
  t.match(wordsOf('regex', 'a b').complaints, [/^1: notice: .* put quotes around REGEX/]);
  t.same(wordsOf('regex_options', 'caseless dotall').value, ['caseless', 'dotall']);
  t.match(wordsOf('regex_options', 'caseless Dotall').complaints, [
    /^14: notice: "Dotall" is no option; known are: allow_empty_class/,
  ]);
  t.same(wordsOf('regex_stack', '5 6').value, { start: 5, max: 6 });
  t.match(wordsOf('regex_stack', '7 6').complaints, [/^5: notice: .* more than its maximum 6/]);
  t.match(wordsOf('regex_min_offset', '-1').complaints, [/^5: notice: /]);
  t.end();
});

t.test('expressions that cannot be compiled', (t) => {
  const faults: Readonly<Record<string, RegExp>> = {
    '(': /the "\(" at 1 is not closed/,
    'a(b(c)': /the "\(" at 2 is not closed/,
    'a)': /the "\)" at 2 closes nothing/,
    'a[b': /the "\[" at 2 is not closed/,
    '[]a': /the "\[" at 1 is not closed/,
    'a\\': /nothing follows the last/,
    '*a': /the "\*" at 1 repeats nothing/,
    'a|+': /the "\+" at 3 repeats nothing/,
    '(?:*)': /the "\*" at 4 repeats nothing/,
    'a**': /the "\*" at 3 repeats nothing/,
  };
  for (const [pattern, fault] of Object.entries(faults))
    t.match(regexFault(pattern), fault, pattern);
  const right = [
    '',
    'a(b|c)*d',
    '[]a]+[^]a][[:alpha:]()]',
    'a*?b++c?+',
    '\\(\\[\\*',
    '\\Q(*[\\E',
    '[\\]]',
    '(?<name>a)(?P<other>b)(?i)(?:c)(?=d)(?<!e)(?>f)(?|g)',
    '(?#a comment (with [ any *)b',
    '(*UTF)a',
    '^*a$',
    '(?(1)a|b)',
    '\\Q(',
  ];
  for (const pattern of right) t.equal(regexFault(pattern), null, pattern);
  t.end();
});
