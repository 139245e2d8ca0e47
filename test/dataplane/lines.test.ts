import fc from 'fast-check';
import t from 'tap';
import { describeLineError, LineSplitter } from '../../src/dataplane/lines.js';

function pushed(splitter: LineSplitter, text: string): readonly string[] {
  return splitter.push(Buffer.from(text))._unsafeUnwrap();
}

t.test('lines come out whole, whatever the pieces', (t) => {
  const splitter = new LineSplitter(100);
  t.same(pushed(splitter, 'one\ntwo\nthr'), ['one', 'two']);
  t.same(pushed(splitter, ''), []);
  t.same(pushed(splitter, 'ee'), []);
  t.same(pushed(splitter, '\n\n'), ['three', '']);
  t.end();
});

t.test('property: cut anywhere, even inside a character, the lines are the same', (t) => {
  const line = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/\n/g, ''));
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, step) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
      const splitter = new LineSplitter(1000);
      const found: string[] = [];
      for (let start = 0; start < bytes.length; ) {
        const end = start + step;
        found.push(...splitter.push(bytes.subarray(start, end))._unsafeUnwrap());
        start = end;
      }
      const sent = lines.map((one) => Buffer.from(one).toString());
      return JSON.stringify(found) === JSON.stringify(sent);
    }),
  );
  t.end();
});

t.test('a line may be as long as the bound, and no longer', (t) => {
  t.same(pushed(new LineSplitter(5), 'abcde\n'), ['abcde']);
  const error = new LineSplitter(5).push(Buffer.from('abcdef\n'))._unsafeUnwrapErr();
  t.equal(describeLineError(error), 'a message is longer than 5 bytes');
  const unended = new LineSplitter(5);
  t.ok(unended.push(Buffer.from('abc')).isOk());
  t.ok(unended.push(Buffer.from('def')).isErr());
  t.end();
});

t.test('a long line in small pieces', (t) => {
  const splitter = new LineSplitter(100_000);
  for (let piece = 0; piece < 1000; piece++) pushed(splitter, 'x'.repeat(50));
  t.same(pushed(splitter, '\n'), ['x'.repeat(50_000)]);
  t.end();
});
