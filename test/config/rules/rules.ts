// The rules of part 1 of the reference, section by section.
import { blocksRules } from './blocks.js';
import { conditionalRules } from './conditional.js';
import { definitionsRules } from './definitions.js';
import { includeRules } from './include.js';
import { lexingRules } from './lexing.js';
import { orderRules } from './order.js';
import type { Rule } from './rule.js';
import { sequencesRules } from './sequences.js';
import { severityRules } from './severity.js';

export type Section = { readonly folder: string; readonly rules: readonly Rule[] };

export const sections: readonly Section[] = [
  { folder: 'lexing', rules: lexingRules },
  { folder: 'blocks', rules: blocksRules },
  { folder: 'include', rules: includeRules },
  { folder: 'conditional', rules: conditionalRules },
  { folder: 'definitions', rules: definitionsRules },
  { folder: 'sequences', rules: sequencesRules },
  { folder: 'order', rules: orderRules },
  { folder: 'severity', rules: severityRules },
];
