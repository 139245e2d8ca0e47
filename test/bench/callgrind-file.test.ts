// callgrind's file: names that come once and then by number, positions relative to the last one,
// costs of calls that are not the caller's own, code inlined from headers.
import t from 'tap';
import { readCallgrindFile } from '../../bench/callgrind-file.js';

const sample = `# callgrind format
version: 1
creator: callgrind-3.19.0
cmd:  bench_datapath floor
part: 1

desc: Trigger: Program termination

positions: line
events: Ir
summary: 1160

ob=(1) /usr/lib/bench_datapath
fl=(1) /src/datapath/pipeline.c
fn=(1) run.part.0
10 100
+2 50
fi=(2) /src/datapath/hash.h
7 30
fe=(1)
* 20
cfi=(3) /src/datapath/parse.c
cfn=(2) ks_parse
calls=32 40
-1 700
+1 5

fn=(3) ks_pipeline_run
cfn=(1)
calls=1 10
20 1105

fl=(3)
fn=(2)
40 695
cob=(2) /usr/lib/dpdk/librte_net_ring.so.23.0
cfi=(4) ???
cfn=(4) 0x00000000000030f0
calls=2 0
* 60

ob=(2)
fl=(4)
fn=(4)
0 60
fn=(5) 0x0000000000003960
0 100
fn=(6) recurse'2
3 60
fn=(7) recurse.constprop.1
3 40

totals: 1160
`;

t.test('the instructions of each function itself', (t) => {
  const { instructions, functions } = readCallgrindFile(sample);
  t.equal(instructions, 1160);
  t.same(Object.fromEntries(functions), {
    run: 175,
    'run (hash.h)': 30,
    ks_parse: 695,
    'librte_net_ring.so': 160,
    recurse: 100,
  });
  t.end();
});

t.test('several positions and events in a line', (t) => {
  const text = `positions: instr line
events: Dr Ir
fl=a.c
fn=first
0x80485a0 12 7 11
+5 * 3 4
totals: 10 15
`;
  const { functions } = readCallgrindFile(text);
  t.same(Object.fromEntries(functions), { first: 15 });
  t.end();
});

t.test('a file that is cut off or of another kind is refused', (t) => {
  const cut = sample.slice(0, sample.indexOf('totals'));
  t.equal(readCallgrindFile(cut).instructions, 1160, 'the summary is a total, too');
  const half = sample.slice(0, sample.indexOf('fl=(3)\n'));
  t.throws(() => readCallgrindFile(half), { message: /adds up to 205, but states 1160$/ });
  t.throws(() => readCallgrindFile('hello\n'), { message: /line 1 .* not understood: hello$/ });
  t.throws(() => readCallgrindFile(''), { message: /states no total$/ });
  t.throws(() => readCallgrindFile('events: Ir\nfn=f\n1 x\n'), { message: /line 3/ });
  t.end();
});
