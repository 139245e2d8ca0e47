// biome-ignore-all lint/suspicious/noTemplateCurlyInString: keepalived writes its definitions so
import t from 'tap';
import { loaded } from './loaded.js';

t.test('a name stands for its value where it is used', (t) => {
  const cases: Record<string, string[]> = {
    '$A=5\npriority $A': ['priority 5'],
    '  $A=  5  # five\npriority ${A}0 # x': ['priority 50'],
    '$A=\n[${A}]': ['[]'],
    '$A=1\n$A,$A) $A\t$A': ['1,1) 1\t1'],
    '$A=1\n$A=2\n$A': ['2'],
    '$B=10.2.${S}\n$S=0\n${B}.1\n$S=10\n${B}.1': ['10.2.0.1', '10.2.10.1'],
    '$A=x\nscript "a ${A} # b"': ['script "a x # b"'],
    '$A="q # r" # z\nscript $A': ['script "q # r"'],
    '$A=a \\# b\nx ${A}\ny "${A}"': ['x a \\# b', 'y "a # b"'],
    '$N=A\n$A=1\nx ${${N}}': ['x 1'],
    '$A=$B=7\n$A\n$B': ['7'],
    '$A=5\n# $A\nx # ${A}': ['# $A', 'x # ${A}'],
    '$A=5\nx \\# $A': ['x \\# 5'],
    'instance { $A=5\npriority $A': ['instance {', 'priority 5'],
  };
  for (const [text, texts] of Object.entries(cases)) {
    t.match(loaded(text), { texts, complaints: [] }, text);
  }
  t.end();
});

t.test('several lines: a block as a macro', (t) => {
  const cases: Record<string, string[]> = {
    '$I=vrrp_instance V_${N} { \\\n  priority ${N}\\\n}\n$N=5\n$I\n$N=6\n  $I # again': [
      ...['vrrp_instance V_5 {', 'priority 5', '}'],
      ...['vrrp_instance V_6 {', 'priority 6', '}'],
    ],
    '$A= \\\na \\\n\nb\nx $A': ['b', 'x a'],
    '$A=a \\\n\\\nb\n$A': ['a', 'b'],
    '$A=a \\\n# no \\\nb # yes \\\nc\n$A': ['a', 'b', 'c'],
    '$A=a \\\n# ends\nb\n$A': ['b', 'a'],
    '$A=a \\': [],
    '$I=a \\\n$N=7 \\\nb${N}\n$I\nc$N': ['a', 'b7', 'c7'],
    '$K=k1 \\\nk2\n$M=m1 $K \\\nm2\nx $M': ['x m1 k1', 'k2', 'm2'],
    '$K=k1 \\\nk2\n$M=m1 \\\n$K \\\nm3\n$M': ['m1', 'k1', 'k2', 'm3'],
    '$M=a \\\ninclude none* \\\nb\n$M': ['a', 'b'],
  };
  for (const [text, texts] of Object.entries(cases)) t.same(loaded(text).texts, texts, text);
  t.end();
});

t.test('what is expanded points at the place of its use', (t) => {
  const { lines } = loaded('$A=x \\\n y\n  @main foo $A');
  t.same(lines, [
    { file: '/etc/k.conf', line: 3, text: 'foo x', column: 13 },
    { file: '/etc/k.conf', line: 3, text: 'y', column: 13 },
  ]);
  t.end();
});

t.test('a name that is not replaced says why', (t) => {
  const unknown = loaded('$ROUTER=1\nx ${ROUTR} "$HOME" $1 $');
  t.same(unknown.texts, ['x ${ROUTR} "$HOME" $1 $']);
  t.equal(unknown.lines[0]?.column, null);
  t.match(unknown.complaints, [
    '/etc/k.conf:2:3: notice: ${ROUTR} is not defined here and stays as it is; ' +
      'did you mean ${ROUTER}?',
  ]);
  const glued = loaded('$ID=5\n10.9.9.$ID/32');
  t.same(glued.texts, ['10.9.9.$ID/32']);
  t.match(glued.complaints, [/:2:8: notice: \$ID is not replaced.*write \$\{ID\}$/]);
  t.same(loaded('$ID = 5').texts, ['$ID = 5']);
  t.same(loaded('x ${A 1}').codes, ['notice config.undefined_name']);
  t.end();
});

t.test('built-in definitions', (t) => {
  const cases: Record<string, string> = {
    '${_PWD}/x': '/etc/x',
    'a $_PWD': 'a /etc',
    '${_INSTANCE}': 'main',
    '${_RANDOM}': '16384',
    '${_RANDOM 1 6}': '4',
    '${_RANDOM 32000}': '32384',
    '${_RANDOM 6 6}z': '6z',
    '${_ENV SITE}': 'north',
    'a ${_HASH}${_BANG}': 'a \\#\\!',
    '"a ${_HASH}"': '"a #"',
    '$_PWD=x\n${_PWD}': 'x',
  };
  for (const [text, expected] of Object.entries(cases)) {
    t.match(loaded(text), { texts: [expected], complaints: [] }, text);
  }
  const folders = loaded({ '/etc/k.conf': 'include a/b\n${_PWD}', '/etc/a/b': '${_PWD}' });
  t.same(folders.texts, ['/etc/a', '/etc']);
  t.match(loaded('x${_ENV GONE}'), { texts: ['x'], codes: ['notice config.undefined_name'] });
  for (const wrong of ['${_ENV}', '${_RANDOM 6 1}', '${_RANDOM a}', '${_RANDOM 99999999999}']) {
    t.match(loaded(wrong), { texts: [], codes: ['error config.definition'] }, wrong);
  }
  t.match(loaded('${_RANDOM 1 2 3}').codes, ['notice config.undefined_name']);
  t.end();
});

t.test('errors leave the line out and are said once', (t) => {
  const cases: Record<string, RegExp> = {
    '$A=${A}x\n${A}': /:2:1: error: the definition of A uses itself \(A -> A\)$/,
    '$A=${B}\n$B=x$A\n y $A': /:3:4: error: the definition of A uses itself \(A -> B -> A\)$/,
    '$A=x \\\n$A\n~SEQ(i,9) $A': /error: the definition of A uses itself/,
    '$A=a \\\nb\nx ${A} y': /:3:3: error: \$A has several lines, so it must end its line$/,
    '~SEQ(i,2) $A=x \\': /error: the definition of A cannot have several lines here/,
    '$D=$\n$A=${D}{A}x\n${A}': /error: definitions and sequences are nested more than 32 deep$/,
  };
  for (const [text, complaint] of Object.entries(cases)) {
    const { complaints, codes } = loaded(`${text}\nend`);
    t.match(complaints, [complaint], text);
    t.same(codes, ['error config.definition']);
  }
  t.end();
});

t.test('text that doubles again and again ends', (t) => {
  const doubling = (end: string): string => {
    const names = Array.from({ length: 26 }, (_, index) => `N${index}`);
    const definitions = names.map((name, index) => `$${name}=\${N${index + 1}}\${N${index + 1}}`);
    return `${definitions.join('\n')}\n$N26=${end}\n\${N0}\nend`;
  };
  const long = loaded(doubling('x'.repeat(100)));
  t.match(long, { texts: ['end'], codes: ['error config.too_long'] });
  t.match(long.complaints, [/:28:1: error: the line grows beyond 65536 characters by/]);
  const empty = loaded(doubling(''));
  t.match(empty, { texts: ['end'], codes: ['error config.definition'] });
  t.match(empty.complaints, [/the line uses definitions more than 10000 times$/]);
  t.end();
});

t.test('hints are for the first unknown names only', (t) => {
  const unknown = Array.from({ length: 101 }, (_, index) => `x \${ROUTE${index}}`);
  const { complaints } = loaded(`$ROUTER=1\n${unknown.join('\n')}`);
  t.match(complaints[99], /did you mean/);
  t.notMatch(complaints[100], /did you mean/);
  t.end();
});
