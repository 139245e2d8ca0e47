// The C tests of the packet path, under ASan and UBSan: each program's TAP is taken over as
// subtests. The fuzzers' corpora are replayed as some of them.
import { readdirSync } from 'node:fs';
import t from 'tap';
import { buildNativeTests, builtFolder, nativePrograms } from './build.js';

buildNativeTests();

for (const program of nativePrograms('datapath')) {
  t.spawn(`${builtFolder}/test_${program}`, [], {}, program);
}
for (const fuzzer of ['parse', 'client_address', 'pipeline']) {
  const corpus = `native/fuzz/corpus/${fuzzer}`;
  t.spawn(
    `${builtFolder}/replay_${fuzzer}`,
    readdirSync(corpus).map((file) => `${corpus}/${file}`),
    {},
    `replay of the corpus of fuzz_${fuzzer}`,
  );
}
