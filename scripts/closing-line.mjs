// Copies a TAP stream and turns its closing totals into one plain line: "N passed, N failed".
// Passing subtests are left out of the copy, so that a failure is easy to find.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin });
let totals = null;
for await (const line of lines) {
  const closing = /^# \{ total: (\d+)(.*)\}$/.exec(line);
  if (closing !== null) totals = `total: ${closing[1]}${closing[2]}`;
  if (!/^\s{4,}ok /.test(line)) console.log(line);
}
const count = (name) => Number(new RegExp(`${name}: (\\d+)`).exec(totals ?? '')?.[1] ?? 0);
const passed = count('pass');
const failed = count('fail');
const skipped = count('skip') + count('todo');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (failed > 0 || passed === 0) process.exitCode = 1;
