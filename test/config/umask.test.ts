import t from 'tap';
import { umask } from '../../src/config/umask.js';
import { readAs, valueAs } from './phrase-text.js';

t.test('octal, decimal, hexadecimal and names', (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['0177', 0o177],
    ['0', 0],
    ['18', 0o22],
    ['0x12', 0o22],
    ['0X1FF', 0o777],
    ['511', 0o777],
    ['IRUSR', 0o400],
    ['IWUSR|IXUSR|IRGRP', 0o340],
    ['IWGRP | IXGRP |IROTH', 0o034],
    ['IWOTH|IXOTH|IXOTH', 0o003],
  ];
  for (const [words, value] of cases) t.equal(valueAs(umask, words), value, words);
  t.end();
});

t.test('what is no mask is named with its place', (t) => {
  for (const words of [
    '01000',
    '512',
    '099',
    '0x',
    '-1',
    'irusr',
    'IRUSR|',
    'IRUSR IWUSR',
    '0 0',
  ]) {
    const { value, complaints } = readAs(umask, words);
    t.equal(value, undefined, words);
    t.match(complaints, [/^5: error: ".*" is not what key takes: a number, 0-0777 octal/], words);
  }
  t.match(readAs(umask, '').complaints, [/^1: fatal: key is missing its argument/]);
  t.end();
});

t.test('every mask reads back', (t) => {
  for (const value of [0, 0o22, 0o177, 0o777]) {
    t.equal(valueAs(umask, umask.write(value).join(' ')), value);
  }
  t.equal(readAs(umask, '18').written, '0022');
  t.end();
});
