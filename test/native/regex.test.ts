// The C tests of native/regex, under ASan and UBSan.
import t from 'tap';
import { buildNativeTests, builtFolder, nativePrograms } from './build.js';

buildNativeTests();

for (const program of nativePrograms('regex')) {
  t.spawn(`${builtFolder}/test_${program}`, [], {}, program);
}
