import t from 'tap';
import type { Line } from '../../grammar/tokens.js';
import { formatDiagnostic, Report } from '../../src/config/diagnostic.js';
import { keywordTree } from '../../src/config/keyword-tree.js';
import {
  alias,
  block,
  decodeTable,
  flag,
  flagPair,
  headed,
  headedLines,
  kept,
  keptTable,
  lines,
  obsolete,
  setting,
  type Table,
} from '../../src/config/keywords.js';
import { mark, option, options } from '../../src/config/options.js';
import { parse } from '../../src/config/parse.js';
import { integer, onOff, optional, seconds, sequence, word } from '../../src/config/phrases.js';
import { printedLines } from '../../src/config/printed.js';
import type { Settings } from '../../src/config/settings.js';
import { walk } from '../../src/config/walk.js';

const speed = setting('How fast it goes.', integer(1, 9), { fallback: 5 });

const inner = {
  depth: setting('How deep it goes.', integer(0, 3)),
  name: setting('What it is called.', word('NAME'), { repeats: 'first' }),
};

const table = {
  speed,
  pace: alias(speed, 'speed'),
  velocity: obsolete(speed, 'speed'),
  quiet: flag('Nothing is said.'),
  ...flagPair(['fast', 'It hurries.'], ['slow', 'It does not hurry.']),
  wait: kept(setting('How long it waits.', seconds(0, 10))),
  inner: block('What is inside.', inner),
  outer: kept(block('What is outside.', keptTable(inner))),
  box: headed('A box.', word('NAME'), inner),
  shelf: headedLines('A shelf.', word('NAME'), word('BOOK')),
  places: lines(
    'Where it goes.',
    sequence({
      place: word('PLACE'),
      how: options('a place', {
        by: option('Vehicle.', word('VEHICLE')),
        via: { ...option('Same as by.', word('VEHICLE')), sameAs: 'by' },
        back: mark('And back.'),
      }),
    }),
  ),
  loud: setting('Whether it is heard.', onOff),
  size: setting(
    'Width and height.',
    sequence({ width: integer(1, 9), height: optional(integer(1, 9), null) }),
  ),
};

function read(text: string): { settings: Settings<typeof table>; said: string[]; printed: string } {
  const report = new Report();
  const source = text
    .split('\n')
    .map((one, index): Line => ({ file: 'f', line: index + 1, text: one, column: null }));
  const settings = decodeTable(table, parse(source, new Set(), report), 'the test', report);
  const printed = settings.print().flatMap(printedLines).join('\n');
  return { settings, said: report.diagnostics.map(formatDiagnostic), printed };
}

t.test('the last of several counts, the first where it says so', (t) => {
  const { settings, said } = read('speed 2\npace 3\ninner {\nname a\nname b\n}');
  t.equal(settings.value('speed'), 3);
  t.equal(settings.value('inner')?.value('name'), 'a');
  t.same(said, ['f:5:1: warning: name is given already at f:4; this one is ignored']);
  t.equal(read('fast\nslow').settings.value('fast'), false);
  t.end();
});

t.test('a keyword that is not there has its fallback, a wrong one is not missing', (t) => {
  const { settings, said } = read('speed 10');
  t.equal(settings.value('speed'), 5);
  t.equal(settings.has('speed'), true);
  t.equal(settings.has('quiet'), false);
  t.equal(settings.value('quiet'), false);
  t.equal(settings.value('wait'), undefined);
  t.same(said, ['f:1:7: error: "10" is not what speed takes: a whole number, 1-9']);
  t.end();
});

t.test('obsolete spellings are warned of, what is not acted on is said once', (t) => {
  const { settings, said } = read('velocity 4\nwait 1\nwait 2\nouter {\ndepth 1\n}');
  t.equal(settings.value('speed'), 4);
  t.same(said, [
    'f:1:1: warning: "velocity" is an obsolete keyword; write "speed"',
    'f:2:1: notice: "the test wait" is accepted but not acted on',
    'f:4:1: notice: "the test outer" is accepted but not acted on',
  ]);
  t.end();
});

t.test('what is printed has the order of the table and its spellings', (t) => {
  const text = `size 3 4
loud
places {
a via train back
"b c"
}
shelf one {
red
}
box x {
depth 1
}
wait 0.25
slow
quiet
pace 7`;
  const { printed, said } = read(text);
  t.equal(
    printed,
    `speed 7
quiet
slow
wait 0.25
box x {
    depth 1
}
shelf one {
    red
}
places {
    a by train back
    "b c"
}
loud on
size 3 4`,
  );
  t.equal(said.length, 1);
  t.equal(read(printed).printed, printed);
  t.end();
});

t.test('words that do not fit are named with what would', (t) => {
  const said = (text: string) => read(text).said;
  t.match(said('places {\na buy train\n}'), [
    /"buy" is not known behind a place; did you mean "by"/,
  ]);
  t.match(said('speed'), [/^f:1:1: fatal: speed is missing its argument: a whole number, 1-9/]);
  t.match(said('speed 3 4'), [/^f:1:9: notice: "4" after speed has no meaning/]);
  t.match(said('speed 3 {\n}'), [/speed takes no block/]);
  t.match(said('inner'), [/inner needs a block/]);
  t.match(said('loud maybe'), [/"maybe" is not what loud takes: on or off/]);
  t.match(said('size 3 x'), [/"x" is not what size takes/]);
  t.end();
});

t.test('a walk finds keywords at any depth, and only where they can be', (t) => {
  const { settings } = read('box x {\ndepth 1\n}\ninner {\ndepth 2\nname n\n}\nspeed 3');
  const wide = settings as unknown as Settings<Table>;
  const found = [...walk(wide, (name) => name === 'depth')];
  t.same(
    found.map(({ path, value }) => [path, value]),
    [
      [['inner'], 2],
      [['box'], 1],
    ],
  );
  t.same([...walk(wide, (name) => name === 'nothing')], []);
  t.end();
});

t.test('the tree shows what the reference needs', (t) => {
  const [first, , third] = keywordTree(table);
  t.match(first, { name: 'speed', shape: '1-9', default: '5', repeats: 'last', isActedOn: true });
  t.match(third, { name: 'velocity', sameAs: 'speed', isObsolete: true });
  const byName = new Map(keywordTree(table).map((node) => [node.name, node]));
  t.match(byName.get('places')?.options, [{ name: 'by' }, { name: 'via', sameAs: 'by' }, {}]);
  t.match(byName.get('inner')?.inside, [{ name: 'depth' }, { name: 'name', repeats: 'first' }]);
  t.equal(byName.get('wait')?.isActedOn, false);
  t.end();
});
