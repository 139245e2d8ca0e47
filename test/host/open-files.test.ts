import { writeFileSync } from 'node:fs';
import t from 'tap';
import { openFilesMax } from '../../src/host/open-files.js';

t.test('the limit is read, and where there is none the least is taken', (t) => {
  t.ok(openFilesMax() >= 256);
  const path = `${t.testdir()}/limits`;
  const write = (limit: string): number => {
    writeFileSync(
      path,
      `Limit  Soft Limit  Hard Limit  Units\nMax open files  ${limit}  9  files\n`,
    );
    return openFilesMax(path);
  };
  t.equal(write('20000'), 20_000);
  t.equal(write('unlimited'), Number.POSITIVE_INFINITY);
  t.equal(openFilesMax('/nowhere'), 1024);
  t.end();
});
