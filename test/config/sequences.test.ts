// biome-ignore-all lint/suspicious/noTemplateCurlyInString: keepalived writes its definitions so
import t from 'tap';
import { sequence, sequenceHead } from '../../src/config/sequences.js';
import { loaded } from './loaded.js';

t.test('a head is found, then read', (t) => {
  t.equal(sequenceHead('a ~SEQ(i,2) b'), null);
  const head = sequenceHead('~SEQx( i, 0x10 )  b')?._unsafeUnwrap();
  t.same(head, { keyword: 'SEQx', inside: ' i, 0x10 ', restStart: 18 });
  const { names, rounds, valuesOf } = sequence({
    keyword: 'SEQx',
    inside: 'i,0x10',
  })._unsafeUnwrap();
  t.same([names, rounds, valuesOf(0), valuesOf(15)], [['i'], 16, ['1'], ['10']]);
  t.end();
});

t.test('the rest of the line is repeated for each value', (t) => {
  const cases: Record<string, string[]> = {
    '~SEQ(i,3) a${i}': ['a1', 'a2', 'a3'],
    '~SEQ(i,-2) a${i}': ['a-1', 'a-2'],
    '~SEQ(i,0) a${i}': ['a1', 'a0'],
    '~SEQ(i, 3, 1) a $i': ['a 3', 'a 2', 'a 1'],
    '~SEQ ( i , 0 , 2 , 5 )a${i}': ['a0', 'a2', 'a4'],
    '~SEQ(i,10,-5,0) a${i}': ['a10', 'a5', 'a0'],
    '~SEQ(i,5,5) a${i}': ['a5'],
    '~SEQ(i,0x0a,012) a${i}': ['a10'],
    '~SEQx(i,0x9,0xb) a${i}': ['a9', 'aa', 'ab'],
    '~SEQx(i,15,16) a${i}': ['af', 'a10'],
    '~SEQ(i,2)': [],
    '~LST(i, a,b c , d) x${i}y': ['xay', 'xb cy', 'xdy'],
    '~LST(i,a,,b) x${i}y': ['xay', 'xy', 'xby'],
    '~LST(i,) x${i}y': ['xy'],
    '~LST({i, j}, {1,2},{3,4}) ${j}.${i}': ['2.1', '4.3'],
    '~LST({i,j},{1},2) ${i}:${j}': ['1:', '2:'],
    '~SEQ(i,2) ~LST(j,a,b) ${i}${j}': ['1a', '1b', '2a', '2b'],
    '~SEQ(i,2) ~SEQ(j,${i}) ${i}${j}': ['11', '21', '22'],
    'a ~SEQ(i,2) b': ['a ~SEQ(i,2) b'],
    '~SEQ(i,2) x # ${i} y': ['x', 'x'],
    'addresses { ~SEQ(i,2) 10.0.0.${i}\n}': ['addresses {', '10.0.0.1', '10.0.0.2', '}'],
    '~FOO(i,2)': ['~FOO(i,2)'],
  };
  for (const [text, texts] of Object.entries(cases)) {
    t.match(loaded(text), { texts, complaints: [] }, text);
  }
  t.end();
});

t.test('with definitions', (t) => {
  const cases: Record<string, string[]> = {
    '$A=1\n$B=3\n~SEQ(i,$A,${B}) a${i}': ['a1', 'a2', 'a3'],
    '$L=x,y\n~LST(i,$L,z) a${i}': ['ax', 'ay', 'az'],
    '$S=~SEQ(i,2)\n$S a${i}\nx $S': ['a1', 'a2', 'x ~SEQ(i,2)'],
    '$i=9\n$S=~SEQ(j,2) a${j}${i}\n$S': ['a19', 'a29'],
    '$M=a${i} \\\nb${i}\n~SEQ(i,2) x $M': ['x a1', 'b1', 'x a2', 'b2'],
    '$M=~SEQ(i,2) a${i} \\\nb\n$M': ['a1', 'a2', 'b'],
    '$K=k${i}\n$M=a \\\n~SEQ(i,2) $K \\\nb\n$M': ['a', 'k1', 'k2', 'b'],
    '~SEQ(i,2) $N${i}=x': [],
  };
  for (const [text, texts] of Object.entries(cases)) t.same(loaded(text).texts, texts, text);
  t.end();
});

t.test('the variable lives as long as the rounds', (t) => {
  const shadowing = loaded('$i=9\n~SEQ(i,2) a${i}\nb${i}');
  t.match(shadowing, { texts: ['a1', 'a2', 'b9'], codes: ['notice config.sequence'] });
  t.match(loaded('~SEQ(i,2) a${i}\nb${i}'), {
    texts: ['a1', 'a2', 'b${i}'],
    codes: ['notice config.undefined_name'],
  });
  t.end();
});

t.test('its lines point at the sequence', (t) => {
  t.same(loaded('  ~LST(i,a) x${i}').lines, [
    { file: '/etc/k.conf', line: 1, text: 'xa', column: 3 },
  ]);
  t.end();
});

t.test('a wrong head says what is wrong, once', (t) => {
  const cases: Record<string, RegExp> = {
    '~SEQ i,2': /~SEQ is followed by its variable and values in parentheses/,
    '~SEQ(i,2': /~SEQ is followed by/,
    '~LSTx(i,2) a': /~LST is followed by/,
    '~SEQ(1a,2) a': /"1a" is no name for the variable of ~SEQ/,
    '~SEQ(i) a': /~SEQ\(i\) has 0 numbers/,
    '~SEQ(i,1,2,3,4) a': /has 4 numbers/,
    '~SEQ(i,08) a': /"08" in ~SEQ\(i,08\) is not a whole number/,
    '~SEQ(i,1,a) a': /"a" in ~SEQ\(i,1,a\) is not a whole number/,
    '~SEQ(i,99999999999999999999) a': /is not a whole number/,
    '~SEQ(i,1,0,5) a': /never gets from 1 to 5 in steps of 0$/,
    '~SEQ(i,5,1,1) a': /never gets from 5 to 1 in steps of 1$/,
    '~SEQx(i,-5) a': /no negative numbers; use ~SEQ$/,
    '~LST(i) a': /names no value/,
    '~LST({i,2},a) a': /"2" is no name for the variable of ~LST/,
    '~LST({i,j},{1,2,3}) a': /\{1,2,3\} in .* has more values than there are variables$/,
    '$M=1 \\\n2\n~SEQ(i,$M) a': /a definition of several lines is no value of ~SEQ/,
    '~SEQ(i,0,4294967295) a': /has 4294967296 rounds; at most 4000000 are possible$/,
    '~SEQ(j,3000000) ~SEQ(i,0) ~SEQ(k,x) a': /"x" in ~SEQ\(k,x\) is not a whole number/,
  };
  for (const [text, complaint] of Object.entries(cases)) {
    const { texts, complaints, codes } = loaded(`${text}\nend`);
    t.same(texts, ['end'], text);
    t.match(complaints, [complaint], text);
    t.same(codes, ['error config.sequence']);
  }
  t.end();
});

t.test('rounds without end, and without a line, end', (t) => {
  const idle = loaded('~SEQ(i,4000000) ~SEQ(j,4000000) @other x\nend');
  t.match(idle, { texts: [], codes: ['error config.too_long'] });
  const deep = loaded(`${'~SEQ(i,3) '.repeat(5000)}x`);
  t.match(deep.codes.at(-1), 'error config.definition');
  const growing = loaded('$A=~SEQ(i,10) $A\n$A');
  t.match(growing.codes.at(-1), 'error config.definition');
  t.end();
});
