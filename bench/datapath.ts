// What a packet costs in the data plane, in TSC cycles: runs native/bench/bench_datapath.
// --instructions counts these too, by callgrind.
import { BenchFailure } from './command.js';
import {
  buildPrograms,
  countCase,
  measureCases,
  type Row,
  withMemory,
} from './datapath-program.js';

export async function benchDatapath(options: readonly string[]): Promise<number> {
  const cases = options.filter((option) => !option.startsWith('--'));
  await buildPrograms();
  const { rows, isHuge } = await withMemory(async (memory, isHuge) => ({
    rows: await measureCases(cases, memory),
    isHuge,
  }));
  if (rows.length === 0) throw new BenchFailure(`no such case: ${cases.join(' ')}`);
  const complete = options.includes('--instructions') ? await withInstructions(rows) : rows;
  if (options.includes('--json')) {
    for (const row of complete) console.log(JSON.stringify(row));
  } else {
    printTable(complete, isHuge);
  }
  return 0;
}

async function withInstructions(rows: readonly Row[]): Promise<Row[]> {
  const counted: Row[] = [];
  for (const row of rows) {
    const { instructions } = await countCase(row.name);
    counted.push({ ...row, instructionsPerPacket: Math.round(instructions * 10) / 10 });
  }
  return counted;
}

function printTable(rows: readonly Row[], isHuge: boolean): void {
  const floor = rows.find((row) => row.name === 'floor')?.cyclesPerPacket;
  console.log('case                  cycles  over floor  instructions  Mpps');
  for (const row of rows) {
    const over = floor === undefined ? '-' : (row.cyclesPerPacket - floor).toFixed(1);
    console.log(
      row.name.padEnd(20) +
        row.cyclesPerPacket.toFixed(1).padStart(8) +
        over.padStart(12) +
        String(row.instructionsPerPacket ?? '-').padStart(14) +
        (row.packetsPerSecond / 1e6).toFixed(1).padStart(6),
    );
  }
  const pages = isHuge ? 'hugepages' : 'ordinary pages';
  console.log(`TSC cycles per packet of 64 octets, one worker, least of 9 windows, ${pages}`);
}
