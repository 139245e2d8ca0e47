import t from 'tap';
import { parseEalArguments } from '../../src/dataplane/eal-arguments.js';

function parsed(line: string) {
  return parseEalArguments(line === '' ? [] : line.split(' '));
}

t.test('devices, CPUs and hugepages', (t) => {
  t.same(parsed('')._unsafeUnwrap(), { devices: [], cpus: null, hugepages: 'auto', warnings: [] });
  t.same(parsed('-l 1-3,7 --vdev net_null0 -a 0000:01:00.0 --no-huge')._unsafeUnwrap(), {
    devices: ['0000:01:00.0', 'net_null0'],
    cpus: [1, 2, 3, 7],
    hugepages: 'off',
    warnings: [],
  });
  t.same(parsed('--lcores=4,2 -a01:00.1 --vdev=net_tap0,iface=x')._unsafeUnwrap(), {
    devices: ['01:00.1', 'net_tap0,iface=x'],
    cpus: [2, 4],
    hugepages: 'auto',
    warnings: [],
  });
  t.end();
});

t.test('ports are numbered as DPDK does: PCI by address, then the others', (t) => {
  const line =
    '--vdev net_b -a 02:00.0,arg=1 --vdev net_a -a 0000:01:00.1 -w 1:00:00.0 -a auxiliary:x.1';
  t.same(parsed(line)._unsafeUnwrap().devices, [
    '0000:01:00.1',
    '02:00.0,arg=1',
    '1:00:00.0',
    'net_b',
    'net_a',
    'auxiliary:x.1',
  ]);
  t.end();
});

t.test('what has no meaning here is named, with what takes its place', (t) => {
  const line = '-n 4 --socket-mem 1024,0 -c ff --file-prefix x --huge-unlink=always -m 512';
  t.same(parsed(line)._unsafeUnwrap().warnings, [
    '-n has no meaning here: nothing to set',
    '--socket-mem has no meaning here: memory follows from pktpool_size and conn_pool_size',
    '-c has no meaning here: list the CPUs with -l',
    '--file-prefix has no meaning here: files are named after --instance and --runtime-dir',
    '--huge-unlink has no meaning here: memory follows from pktpool_size and conn_pool_size',
    '-m has no meaning here: memory follows from pktpool_size and conn_pool_size',
  ]);
  t.end();
});

t.test('mistakes', (t) => {
  const cases: readonly [string, string][] = [
    ['--alow x', '--alow is no option of DPDK'],
    ['--coremask f', '--coremask is no option of DPDK'],
    ['-z', '-z is no option of DPDK'],
    ['-a', '-a needs a value'],
    ['--vdev=', '--vdev needs a value'],
    ['0000:01:00.0', 'unexpected argument "0000:01:00.0" behind --'],
    ['-l 3-1', '"3-1" is no list of CPUs: -l 1-4,7'],
    ['-l 1,1', '"1,1" is no list of CPUs: -l 1-4,7'],
    ['--lcores (0-3)@1', '"(0-3)@1" is no list of CPUs: --lcores 1-4,7'],
    ['-l 1024', '"1024" is no list of CPUs: -l 1-4,7'],
    ['-a 01:00.0 -a 01:00.0', 'device 01:00.0 is given twice'],
  ];
  for (const [line, sentence] of cases) t.equal(parsed(line)._unsafeUnwrapErr(), sentence, line);
  t.end();
});
