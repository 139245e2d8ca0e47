// The command `genhash`.
import { finish } from '../tool.js';
import { genhash } from './genhash.js';

finish(await genhash(process.argv.slice(2)));
