// `npm run reference`: writes the pages that are generated from the keyword tables.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { referenceFiles, referenceFolder } from './files.js';

rmSync(referenceFolder, { recursive: true, force: true });
for (const { path, text } of referenceFiles()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
