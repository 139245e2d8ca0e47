// Tells clusters' stories in a process of its own, FROM TO: prints a line for each seed that fails.
import { tellCluster } from './vrrp-cluster.js';

const [from = 1, to = 1] = process.argv.slice(2).map(Number);

for (let seed = from; seed <= to; seed++) {
  const { violation } = await tellCluster(seed);
  if (violation !== null) console.log(`SEED=${seed} ${violation}`);
}
console.log(`told ${from} to ${to}`);
