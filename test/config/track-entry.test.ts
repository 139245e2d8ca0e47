import t from 'tap';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import type { Phrase } from '../../src/config/phrases.js';
import { trackEntry } from '../../src/config/track-entry.js';
import { weightUpTo } from '../../src/config/weight.js';
import { WordReader } from '../../src/config/word-reader.js';

function read<T>(phrase: Phrase<T>, text: string) {
  const report = new Report();
  const position = { file: 'f', line: 1, column: 1 };
  const words = text.split(' ').map((word) => ({ text: word, isQuoted: false, position }));
  const subject = { text: 'track', isQuoted: false, position };
  const value = phrase.read(new WordReader(subject, words, text, report));
  return {
    value,
    written: value === undefined ? null : phrase.write(value).join(' '),
    said: report.diagnostics.map(formatDiagnostic),
  };
}

t.test('what is tracked, and how much it counts', (t) => {
  const script = trackEntry('script', 253, true);
  t.same(read(script, 's').value, { name: 's', weight: null, isReversed: null });
  t.same(read(script, 's weight -5 reverse').value, { name: 's', weight: -5, isReversed: true });
  t.equal(read(script, 's noreverse weight 5').written, 's weight 5 noreverse');
  t.equal(read(trackEntry('file', 254, true), 'f weight 254').written, 'f weight 254');
  t.match(read(trackEntry('interface', 253, false), 'eth0 noreverse').said, [/"noreverse" is not/]);
  const beyond = read(script, 's weight 254');
  t.equal(beyond.written, 's weight 253');
  t.match(beyond.said, [/warning: 254 is out of range for track; 253 is used/]);
  t.match(read(script, 's weight 300').said, [/error: "300" is not what track takes/]);
  t.end();
});

t.test('a weight of its own', (t) => {
  t.same(read(weightUpTo(254), '-7 reverse').value, { weight: -7, isReversed: true });
  t.equal(read(weightUpTo(254), '7').written, '7');
  t.match(read(weightUpTo(253), '-400').said, [/-400 is out of range for track; -253 is used/]);
  t.match(read(weightUpTo(253), 'x').said, [/"x" is not what track takes/]);
  t.end();
});
