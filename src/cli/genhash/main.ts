// The command `genhash`.
import { genhash } from './genhash.js';

process.exitCode = await genhash(process.argv.slice(2));
