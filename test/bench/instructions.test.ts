// Instructions per packet against bench/instructions.json: what is said of a count, and the count
// itself. A packet path that costs more than 3 % more fails here; that is what CI looks at.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import {
  type Baseline,
  baselineText,
  countOf,
  judge,
  readBaseline,
  toolsSentence,
} from '../../bench/instruction-baseline.js';
import { compareWithBaseline } from '../../bench/instructions.js';

const recordedText = readFileSync('bench/instructions.json', 'utf8');
const recorded = { perPacket: 400, functions: { run: 200, ks_parse: 150, 'run (hash.h)': 50 } };

t.test('a case that grew names the functions, most first', (t) => {
  const functions = { run: 205, ks_parse: 150, 'run (hash.h)': 49, ks_new: 10.5 };
  const judged = judge('fnat/tcp4/new', recorded, { perPacket: 414.5, functions });
  t.equal(judged.verdict, 'grew');
  t.same(judged.sentences, [
    'fnat/tcp4/new: 400.0 -> 414.5 instructions per packet, +3.6 %',
    '  ks_new: 0.0 -> 10.5',
    '  run: 200.0 -> 205.0',
  ]);
  t.end();
});

t.test('only so many functions are named', (t) => {
  const functions = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`f${i}`, 100 + i]));
  const { sentences } = judge('floor', recorded, { perPacket: 1605, functions });
  t.equal(sentences[1], '  f14: 0.0 -> 114.0');
  t.equal(sentences.at(-1), '  and 3 more that grew less');
  t.end();
});

t.test('3 % more is still the same', (t) => {
  const same = judge('floor', recorded, { ...recorded, perPacket: 412 });
  t.same(same.sentences, ['floor: 400.0 -> 412.0 instructions per packet, +3.0 %']);
  t.equal(same.verdict, 'same');
  t.equal(judge('floor', recorded, { ...recorded, perPacket: 388 }).verdict, 'same');
  t.end();
});

t.test('a case that shrank asks to be recorded', (t) => {
  const judged = judge('floor', recorded, { ...recorded, perPacket: 380 });
  t.equal(judged.verdict, 'shrank');
  t.match(judged.sentences[0], /-5\.0 %$/);
  t.match(judged.sentences[1], /record the baseline again/);
  t.end();
});

t.test('other tools are told in one sentence', (t) => {
  const tools = { compiler: '12.2.0', dpdk: '22.11.11' };
  t.equal(toolsSentence(tools, tools), undefined);
  const both = toolsSentence({ compiler: '13.1.0', dpdk: '23.11.0' }, tools) ?? '';
  t.match(both, /gcc 13\.1\.0, not 12\.2\.0, and DPDK 23\.11\.0, not 22\.11\.11: .* only warns$/);
  t.end();
});

t.test('a count is rounded to a tenth, and what is nothing then is left out', (t) => {
  const functions = new Map([
    ['run', 103.78],
    ['rare', 0.04],
  ]);
  t.same(countOf({ instructions: 423.96, functions }), {
    perPacket: 424,
    functions: { run: 103.8 },
  });
  t.end();
});

t.test('what is written is read again, sorted', (t) => {
  const figures = fc.dictionary(fc.string(), fc.integer({ min: 1, max: 99_999 }));
  const count = fc.record({ perPacket: fc.integer({ min: 1, max: 99_999 }), functions: figures });
  const baselines = fc.record({
    compiler: fc.string(),
    dpdk: fc.string(),
    cases: fc.dictionary(fc.string(), count),
  });
  fc.assert(
    fc.property(baselines, (baseline: Baseline) => {
      const text = baselineText(baseline);
      return isDeepStrictEqual(readBaseline(text), JSON.parse(JSON.stringify(baseline)));
    }),
  );
  t.equal(baselineText(readBaseline(recordedText)), recordedText, 'the recorded one');
  t.end();
});

t.test('a baseline of another shape is refused with what is wrong', (t) => {
  const refuse = (text: string, message: RegExp): void => {
    t.throws(() => readBaseline(text), { message });
  };
  refuse('null', /no "compiler", "dpdk" or "cases"/);
  refuse('{"compiler": "12", "dpdk": "22", "cases": 3}', /no "compiler", "dpdk" or "cases"/);
  refuse('{"compiler": "12", "dpdk": "22", "cases": {"floor": 3}}', /its case floor is not/);
  refuse('{"compiler": "12", "dpdk": "22", "cases": {"floor": null}}', /its case floor is not/);
  refuse('nothing', /JSON/);
  t.end();
});

const hasValgrind = spawnSync('valgrind', ['--version']).status === 0;
const skip = hasValgrind ? false : 'valgrind is not installed';

t.test('the packet path costs no more than recorded', { skip, timeout: 880_000 }, async (t) => {
  const { warning, judged } = await compareWithBaseline([]);
  if (warning !== undefined) t.comment(warning);
  for (const { name, verdict, sentences } of judged) {
    for (const sentence of sentences) t.comment(sentence);
    t.ok(verdict !== 'grew' || warning !== undefined, name);
  }
  t.ok(judged.length > 0, 'counted something');
  const perPacket = new Map(judged.map(({ name, counted }) => [name, counted]));
  const alone = perPacket.get('fnat/tcp4/hit/64Ki') ?? 0;
  const four = perPacket.get('fnat/tcp4/hit-4-workers/64Ki') ?? Number.POSITIVE_INFINITY;
  t.ok(four <= alone * 1.03, `four workers cost what one costs: ${four} and ${alone}`);
});
