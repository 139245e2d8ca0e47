// What `npm run bench -- end-to-end` reads and prints; the run itself needs namespaces and is no
// test.
import t from 'tap';
import { cpuUse, machineSeconds, processTimes } from '../../bench/end-to-end/cpu.js';
import { parseOptions } from '../../bench/end-to-end/options.js';
import { parseDuration, parseIperf, parseWrk } from '../../bench/end-to-end/reports.js';
import { calmest, type Measured, tableLines } from '../../bench/end-to-end/table.js';

const wrkOutput = `Running 2s test @ http://192.0.2.100:80/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   452.15us  312.73us   9.07ms   93.51%
    Req/Sec    58.34k     4.12k   64.90k    80.00%
  Latency Distribution
     50%  403.00us
     75%  502.00us
     90%  601.00us
     99%    1.76ms
  116060 requests in 2.00s, 31.21MB read
Requests/sec:  58021.37
Transfer/sec:     15.60MB
`;

t.test('wrk', (t) => {
  t.same(parseWrk(wrkOutput), {
    requests: 116_060,
    requestsPerSecond: 58_021.37,
    p50Ms: 0.403,
    p99Ms: 1.76,
    errors: 0,
  });
  const troubled = wrkOutput.replace(
    'Requests/sec',
    '  Socket errors: connect 1, read 20, write 300, timeout 4000\n' +
      '  Non-2xx or 3xx responses: 50000\nRequests/sec',
  );
  t.equal(parseWrk(troubled).errors, 54_321, 'every kind of error counts');
  t.throws(() => parseWrk('unable to connect to 192.0.2.100:80'), /wrk did not print .*unable/);
  t.end();
});

t.test('durations of wrk', (t) => {
  const cases = {
    '812.00us': 0.812,
    '1.02ms': 1.02,
    '1.20s': 1200,
    '1.50m': 90_000,
    '2.00h': 7.2e6,
  };
  for (const [word, ms] of Object.entries(cases)) t.equal(parseDuration(word), ms, word);
  for (const word of ['1.02', 'ms', '1.02ns', '']) {
    t.throws(() => parseDuration(word), /duration of an unknown form/, `"${word}"`);
  }
  t.end();
});

t.test('iperf3', (t) => {
  const sums = { sum_sent: { bits_per_second: 2e9 }, sum_received: { bits_per_second: 1.86e9 } };
  t.equal(parseIperf(JSON.stringify({ start: {}, end: sums })), 1.86, 'what arrived');
  const refusal = JSON.stringify({ end: {}, error: 'unable to connect to server: refused' });
  t.throws(() => parseIperf(refusal), /iperf3: unable to connect to server: refused/);
  t.throws(() => parseIperf('{"end":{}}'), /printed no sum/);
  t.throws(() => parseIperf('Killed'), /printed no sum: Killed/);
  t.end();
});

t.test('CPU time', (t) => {
  const stat = '71 (dpvs (1) x) S 70 71 71 0 -1 4194304 9 8 7 6 250 50 20 10 20 0 5 0 999 1 2';
  const expected = { pid: 71, parent: 70, seconds: 3, secondsWithEnded: 3.3 };
  t.strictSame(processTimes(stat), expected);
  const lines = 'cpu  100 20 300 9000 800 4 5 600 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n';
  t.equal(machineSeconds(lines), 4.29, 'neither idle nor iowait nor steal');

  const process = (pid: number, parent: number, seconds: number, ended = 0) => {
    return { pid, parent, seconds, secondsWithEnded: seconds + ended };
  };
  const before = {
    atMs: 1000,
    machineSeconds: 100,
    processes: [
      process(1, 0, 5),
      process(2, 0, 0),
      process(10, 2, 7),
      process(20, 1, 1),
      process(21, 20, 1),
      process(30, 1, 2),
      process(40, 1, 3),
      process(41, 40, 0.5),
    ],
  };
  const after = {
    atMs: 3000,
    machineSeconds: 104,
    processes: [
      process(1, 0, 5),
      process(2, 0, 0),
      process(10, 2, 7.5),
      process(20, 1, 1.25, 2),
      process(30, 1, 4),
      process(40, 1, 3, 0.75),
    ],
  };
  const use = cpuUse(before, after, [30], 20);
  t.equal(use.forwarder, 1, 'two seconds in two');
  t.equal(use.others, 0.125, 'what 41 took before it ended is in 40, and only the rest counts');
  t.equal(use.seconds, 3.75);
  t.equal(cpuUse(before, after, [], 20).forwarder, null, 'the kernel has no process');
  t.throws(() => cpuUse(before, after, [41], 20), /process 41 has ended/);
  t.end();
});

const cpu = { forwarder: 0.987, others: 0.1, seconds: 4 };
const wrk = { requests: 116_060, requestsPerSecond: 58_021.37, p50Ms: 0.4, p99Ms: 1.76, errors: 0 };
const row: Measured = {
  outcome: 'measured',
  name: 'keelson/af_xdp',
  keepAlive: { ...wrk, ...cpu },
  connections: { ...wrk, ...cpu, requests: 0, errors: 3 },
  throughput: { gigabitsPerSecond: 1.864, ...cpu, forwarder: null, others: 0.4 },
};

t.test('rounds: the calmest counts, whatever it says', (t) => {
  const calm: Measured = {
    ...row,
    keepAlive: { ...row.keepAlive, requestsPerSecond: 1, others: 0 },
    throughput: { ...row.throughput, gigabitsPerSecond: 9, others: 0.9 },
  };
  const failed = { outcome: 'failed', name: row.name, reason: 'x' } as const;
  const best = { ...row, keepAlive: calm.keepAlive };
  t.same(calmest([row]), row);
  t.same(calmest([row, calm]), best, 'for each load its own');
  t.same(calmest([calm, row]), best);
  t.equal(calmest([calm, failed, row]), failed, 'a failure is not hidden by another round');
  t.end();
});

t.test('the table', (t) => {
  const [title, ...lines] = tableLines([
    row,
    { outcome: 'not_installed', name: 'haproxy', packages: ['haproxy', 'wrk'] },
    { outcome: 'failed', name: 'nftables', reason: 'nft ended with 1' },
  ]);
  t.match(title, /^case +requests\/s +p50 ms .* errors$/);
  const words = lines[0]?.split(/ +/);
  t.same(words?.slice(0, 6), ['keelson/af_xdp', '58021', '0.40', '1.76', '0.99', '34.5']);
  t.same(words?.slice(6), ['58021', '1.76', '0.99', '-', '1.86', '-', '0.40', '3', '!']);
  t.equal(title?.length, lines[0]?.length ?? 0, 'columns stand below their titles');
  t.match(lines[1], /^haproxy +not installed; as root: apt-get install haproxy wrk$/);
  t.match(lines[2], /^nftables +FAILED: nft ended with 1$/);
  t.end();
});

t.test('options', (t) => {
  const names = ['direct', 'haproxy'];
  t.same(parseOptions([], names), { isJson: false, seconds: 5, rounds: 1, cases: names });
  const words = ['haproxy', '--json', '--seconds', '12', '--rounds', '3'];
  const expected = { isJson: true, seconds: 12, rounds: 3, cases: ['haproxy'] };
  t.same(parseOptions(words, names), expected);
  t.match(parseOptions(['--rounds', '21'], names), /^--rounds takes .* from 1 to 20, not "21"$/);
  for (const value of ['0', '61', '1.5', 'x', '']) {
    const message = `--seconds takes a whole number from 1 to 60, not "${value}"`;
    t.equal(parseOptions(['--seconds', value], names), message);
  }
  t.match(parseOptions(['--quick'], names), /^no option "--quick"/);
  t.equal(parseOptions(['lvs'], names), 'no case "lvs": there are direct, haproxy');
  t.end();
});
