// The C tests of the packet path, under ASan and UBSan: built by make, each program's TAP taken
// over as subtests. The fuzzer's corpus is replayed as one of them.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import t from 'tap';

const programs = [
  'checksum',
  'parse',
  'tcp_state',
  'scheduler',
  'route',
  'connection',
  'source_port',
  'pipeline',
  'connect',
  'next_hop',
  'steering',
  'capacity',
];
const built = 'build/native-test';
const corpus = 'native/fuzz/corpus/parse';

execFileSync('make', ['-C', 'native/test', '-j2'], { stdio: ['ignore', 'ignore', 'inherit'] });

for (const program of programs) {
  t.spawn(`${built}/test_${program}`, [], {}, program);
}
t.spawn(
  `${built}/replay_parse`,
  readdirSync(corpus).map((file) => `${corpus}/${file}`),
  {},
  'replay of the corpus of fuzz_parse',
);
