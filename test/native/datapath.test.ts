// The C tests of the packet path, under ASan and UBSan: each program's TAP is taken over as
// subtests. The fuzzer's corpus is replayed as one of them.
import { readdirSync } from 'node:fs';
import t from 'tap';
import { buildNativeTests, builtFolder, nativePrograms } from './build.js';

const corpus = 'native/fuzz/corpus/parse';

buildNativeTests();

for (const program of nativePrograms('datapath')) {
  t.spawn(`${builtFolder}/test_${program}`, [], {}, program);
}
t.spawn(
  `${builtFolder}/replay_parse`,
  readdirSync(corpus).map((file) => `${corpus}/${file}`),
  {},
  'replay of the corpus of fuzz_parse',
);
