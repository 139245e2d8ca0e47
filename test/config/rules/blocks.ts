// Section 1.2: blocks and braces.
import type { Rule } from './rule.js';

export const blocksRules: readonly Rule[] = [
  { file: 'brace-at-end.conf', rule: "{ stands at the end of the keyword's line", debian: 0 },
  { file: 'brace-glued.conf', rule: '{ may be glued to the last word', debian: 0 },
  {
    file: 'brace-on-later-line.conf',
    rule: '{ may stand on a later line, after comments and empty lines',
    debian: 0,
  },
  {
    file: 'content-after-brace.conf',
    rule: 'the first line of a block may follow its {',
    debian: 0,
  },
  { file: 'brace-after-content.conf', rule: '} may follow the last word of a block', debian: 0 },
  { file: 'one-line-block.conf', rule: 'a block of one entry may be one line', debian: 0 },
  {
    file: 'keyword-after-closing-brace.conf',
    rule: 'a keyword may follow a } on its line',
    debian: 0,
  },
  {
    file: 'two-entries-on-a-line.conf',
    rule: 'a line of a value block is one entry',
    debian: 5,
    says: "Unknown configuration entry '192.0.2.11' for ip address - ignoring",
  },
  {
    file: 'two-keywords-on-a-line.conf',
    rule: 'a line is one keyword, the next is taken for an argument',
    debian: 5,
    says: '(V_1) the virtual router id must be set',
  },
  {
    file: 'one-entry-a-line.conf',
    rule: 'every kind of value block has one entry on a line',
    debian: 5,
    says: '(V_1) ignoring eth1 tracked interface weight due to SYNC group',
  },
  {
    file: 'missing-opening-brace.conf',
    rule: 'without its { the lines of a block are unknown keywords',
    debian: 5,
    says: "Unknown keyword 'interface'",
  },
  {
    file: 'unexpected-opening-brace.conf',
    rule: 'an unknown block is not skipped as a unit',
    debian: 5,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'brace-after-flag.conf',
    rule: 'a keyword without a block has no {',
    debian: 5,
    says: "Unexpected '{' - ignoring",
  },
  {
    file: 'extra-closing-brace.conf',
    rule: 'a } too many is an error',
    debian: 5,
    says: "Extra '}' found",
  },
  {
    file: 'unclosed-block.conf',
    rule: 'a block must be closed',
    debian: 5,
    says: "There are 1 missing '}'s or extra '{'s",
  },
  {
    file: 'errors-do-not-stop.conf',
    rule: 'an unknown keyword does not stop the reading: the missing parameter decides',
    debian: 2,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'unknown-root-keyword.conf',
    rule: 'an unknown keyword at the root is an error',
    debian: 5,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'unknown-keyword-in-vrrp.conf',
    rule: 'an unknown keyword in vrrp_instance is an error',
    debian: 5,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'unknown-keyword-in-virtual-server.conf',
    rule: 'an unknown keyword in virtual_server is an error',
    debian: 5,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'unknown-keyword-in-bfd.conf',
    rule: 'an unknown keyword in bfd_instance is an error',
    debian: 5,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'nested-unknown-block.conf',
    rule: 'an unknown block in vrrp_instance is an error',
    debian: 5,
    says: "Unknown keyword 'nonsense'",
  },
  {
    file: 'keyword-of-another-block.conf',
    rule: 'a keyword belongs to its block',
    debian: 5,
    says: "Unknown keyword 'priority'",
  },
  {
    file: 'keyword-at-the-wrong-level.conf',
    rule: 'a keyword of a block is unknown at the root',
    debian: 5,
    says: "Unknown keyword 'virtual_ipaddress'",
  },
  {
    file: 'upper-case-keyword.conf',
    rule: 'keywords are in the case of the table',
    debian: 5,
    says: "Unknown keyword 'GLOBAL_DEFS'",
  },
  { file: 'empty-file.conf', rule: 'a file may be empty', debian: 0 },
  { file: 'empty-blocks.conf', rule: 'a block may be empty', debian: 0 },
];
