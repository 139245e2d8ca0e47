// The C tests of native/sockets, under ASan and UBSan, on loopback.
import t from 'tap';
import { buildNativeTests, builtFolder, nativePrograms } from './build.js';

buildNativeTests();

for (const program of nativePrograms('sockets')) {
  t.spawn(`${builtFolder}/test_${program}`, [], {}, program);
}
