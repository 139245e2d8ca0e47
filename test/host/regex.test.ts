import t from 'tap';
import { HostExpressions } from '../../src/host/regex.js';
import type { ExpressionOption, ExpressionSettings } from '../../src/ports/regex.js';

const expressions = new HostExpressions();

function settings(pattern: string, ...options: ExpressionOption[]): ExpressionSettings {
  return { pattern, options, stack: null };
}

function outcome(
  wanted: ExpressionSettings,
  subject: string | Uint8Array,
  first = 0,
  last: number | null = null,
): string {
  const bytes = typeof subject === 'string' ? Buffer.from(subject) : subject;
  const found = expressions.compile(wanted)._unsafeUnwrap().match(bytes, first, last);
  return found.type === 'failed' ? found.reason : found.type;
}

t.test('matches octets', (t) => {
  t.equal(outcome(settings('wo?r'), 'hello world'), 'matched');
  t.equal(outcome(settings('^world'), 'hello world'), 'not_matched');
  t.equal(outcome(settings('\\x00\\xff'), new Uint8Array([1, 0, 255])), 'matched');
  t.equal(outcome(settings(''), ''), 'matched');
  t.equal(outcome(settings('a'), ''), 'not_matched');
  t.equal(outcome(settings('ä', 'utf', 'caseless'), 'Ä'), 'matched');
  t.end();
});

t.test('options by name', (t) => {
  const cases: readonly [ExpressionOption, string, string][] = [
    ['caseless', 'HELLO', 'hello'],
    ['dotall', 'a.b', 'a\nb'],
    ['multiline', '^b', 'a\nb'],
    ['extended', 'a b # comment', 'ab'],
    ['allow_empty_class', '[]|x', 'x'],
    ['alt_bsux', '\\u0041', 'A'],
    ['dupnames', '(?<n>a)(?<n>b)', 'ab'],
    ['match_unset_backref', '(a)?\\1b', 'b'],
    ['ucp', '(*UTF)^\\w$', 'é'],
  ];
  for (const [option, pattern, subject] of cases) {
    const without = expressions.compile(settings(pattern));
    const isDifferent =
      without.isErr() || without.value.match(Buffer.from(subject), 0, null).type !== 'matched';
    t.ok(isDifferent, `${pattern} needs ${option}`);
    t.equal(outcome(settings(pattern, option), subject), 'matched', option);
  }
  t.equal(outcome(settings('a$', 'dollar_endonly'), 'a\n'), 'not_matched');
  t.equal(outcome(settings('b', 'firstline'), 'a\nb'), 'not_matched');
  t.end();
});

t.test('a wrong expression is told in the words of PCRE2', (t) => {
  t.same(expressions.compile(settings('(hel'))._unsafeUnwrapErr(), {
    reason: 'missing closing parenthesis',
    offset: 4,
  });
  t.match(expressions.compile(settings('\\C', 'never_backslash_c'))._unsafeUnwrapErr().offset, 2);
  t.match(expressions.compile(settings('a'.repeat(70_000)))._unsafeUnwrapErr(), { offset: 65_536 });
  t.end();
});

t.test('first and last octet of a match', (t) => {
  const o = settings('o');
  t.equal(outcome(o, 'hello world', 5, 6), 'not_matched');
  t.equal(outcome(o, 'hello world', 5, 7), 'matched');
  t.equal(outcome(o, 'hello world', 4, 4), 'matched');
  t.equal(outcome(o, 'hello world', 8), 'not_matched');
  t.equal(outcome(o, 'hello', 100), 'not_matched');
  t.equal(outcome(o, 'hello', Number.MAX_SAFE_INTEGER), 'not_matched');
  t.equal(outcome(settings('(?<=l)o'), 'hello', 4), 'matched', 'what comes before is seen');
  t.end();
});

t.test('a far place is found, whatever lies before', (t) => {
  const page = Buffer.alloc(1024 * 1024, 'ä');
  page.write('needle', page.length - 10);
  t.equal(outcome(settings('needle'), page), 'matched');
  t.equal(outcome(settings('needle', 'utf'), page.subarray(0, page.length - 4)), 'matched');
  t.equal(outcome(settings('noodle'), page), 'not_matched');
  t.end();
});

t.test('no page and no expression hold the thread', (t) => {
  const page = Buffer.alloc(1024 * 1024, 'a');
  page.write('Zz', page.length - 2);
  const hard = ['(a+)+$', '(?s)(?=.*b)a', 'a[^zZ]*+z', '(a|aa)+$', '(.*)*x', '(?:a?){30}a{30}b'];
  for (const pattern of hard) {
    const start = process.cpuUsage();
    const found = outcome(settings(pattern), page);
    const spent = process.cpuUsage(start);
    const spentMs = (spent.user + spent.system) / 1000;
    t.ok(spentMs < 1000, `${pattern}: ${found} after ${spentMs} ms`);
    t.not(found, 'matched');
  }
  t.equal(outcome(settings('a[^zZ]*+z'), page), 'given up after 50 ms');
  t.end();
});

t.test('a larger stack lets deeper expressions match', (t) => {
  const pattern = '^(a|b)*+c|(?:(?:a|b)(?:x|))*d$';
  const subject = `${'ab'.repeat(20_000)}d`;
  const small = outcome({ pattern, options: ['no_auto_possess'], stack: null }, subject);
  const stack = { start: 100_000, max: 16_000_000 };
  t.match(small, /stack limit/);
  t.equal(outcome({ pattern, options: ['no_auto_possess'], stack }, subject), 'matched');
  t.end();
});

t.test('what is equal is compiled once', (t) => {
  const one = expressions.compile(settings('same'))._unsafeUnwrap();
  t.equal(expressions.compile(settings('same'))._unsafeUnwrap(), one);
  for (let i = 0; i < 300; i++) expressions.compile(settings(`other ${i}`));
  t.not(expressions.compile(settings('same'))._unsafeUnwrap(), one, 'up to a bound');
  t.end();
});
