// The C tests of native/control, under ASan and UBSan: what control keeps, what it publishes for
// the workers, neighbours and ARP. None of them opens a port of the machine.
import { execFileSync } from 'node:child_process';
import t from 'tap';

execFileSync('make', ['-C', 'native/test', '-j2'], { stdio: ['ignore', 'ignore', 'inherit'] });

for (const program of ['index', 'tables', 'neighbors', 'arp', 'device', 'options']) {
  t.spawn(`build/native-test/test_control_${program}`, [], {}, program);
}
