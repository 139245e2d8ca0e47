// Section 1.6: repeated lines, `~SEQ` and `~LST`.
import type { Rule } from './rule.js';

export const sequencesRules: readonly Rule[] = [
  { file: 'default-start.conf', rule: '~SEQ(i, 3) repeats its line for 1, 2, 3', debian: 0 },
  { file: 'instances.conf', rule: '~SEQ repeats a definition of several lines', debian: 0 },
  { file: 'step.conf', rule: '~SEQ may have a step', debian: 0 },
  { file: 'downwards.conf', rule: '~SEQ counts down where the end is below the start', debian: 0 },
  {
    file: 'downwards-counts.conf',
    rule: '~SEQ(i, 3, 1) is three rounds',
    debian: 5,
    says: "Unknown keyword 'nonsense_3'",
  },
  { file: 'negative-end.conf', rule: '~SEQ(i, -3) counts down from -1', debian: 0 },
  {
    file: 'reaches-out-of-range.conf',
    rule: 'the end is part of ~SEQ',
    debian: 5,
    says: 'VRRP parsed invalid IP 192.0.2.256. skipping IP...',
  },
  {
    file: 'wrong-direction.conf',
    rule: 'the step leads to the end',
    debian: 5,
    says: "Invalid ~SEQ values '~SEQ(i, 1, -1, 3) nonsense",
  },
  {
    file: 'step-zero.conf',
    rule: 'the step is not 0',
    debian: 5,
    says: "Invalid ~SEQ values '~SEQ(i, 1, 0, 3) nonsense",
  },
  { file: 'hexadecimal.conf', rule: '~SEQx counts in hexadecimal', debian: 0 },
  {
    file: 'hexadecimal-in-decimal-place.conf',
    rule: '~SEQx puts hexadecimal digits in',
    debian: 5,
    says: 'VRRP parsed invalid IP 192.0.2.a. skipping IP...',
  },
  {
    file: 'without-braces-before-letter.conf',
    rule: '$i before / is left as text',
    debian: 5,
    says: 'VRRP parsed invalid IP 192.0.2.$i/24. skipping IP...',
  },
  { file: 'nested.conf', rule: 'two ~SEQ on a line are nested', debian: 0 },
  { file: 'list.conf', rule: '~LST repeats its line for each value', debian: 0 },
  {
    file: 'list-counts.conf',
    rule: '~LST is as many rounds as it has values',
    debian: 5,
    says: "Unknown keyword 'nonsense_some'",
  },
  { file: 'list-of-tuples.conf', rule: '~LST may have several variables', debian: 0 },
  {
    file: 'variable-is-a-definition.conf',
    rule: 'a variable that is a definition is not complained about',
    debian: 0,
  },
  {
    file: 'malformed.conf',
    rule: '~SEQ needs a comma after its variable',
    debian: 5,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'unknown-generator.conf',
    rule: 'there are no others',
    debian: 5,
    says: "Unknown keyword '~SUM(i,'",
  },
  { file: 'in-definition.conf', rule: '~SEQ may come from a definition', debian: 0 },
  { file: 'bound-from-definition.conf', rule: 'a bound of ~SEQ may be a definition', debian: 0 },
  {
    file: 'after-conditional.conf',
    rule: '~SEQ may follow a marker that drops the line',
    options: ['-i', 'high'],
    debian: 0,
  },
  {
    file: 'after-conditional.conf',
    rule: '~SEQ may follow a marker that keeps the line',
    options: ['-i', 'low'],
    debian: 5,
    says: "Unknown keyword 'nonsense_1'",
  },
];
