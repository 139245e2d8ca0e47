// The C tests of native/control, under ASan and UBSan: what control keeps, what it publishes for
// the workers, neighbours and ARP. None of them opens a port of the machine.
import t from 'tap';
import { buildNativeTests, builtFolder, nativePrograms } from './build.js';

buildNativeTests();

for (const program of nativePrograms('control')) {
  t.spawn(`${builtFolder}/test_${program}`, [], {}, program);
}
