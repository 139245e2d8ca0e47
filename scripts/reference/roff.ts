// The keyword tables as a manual page, keepalived.conf(5), in the man macros of roff.
import type { KeywordNode } from '../../src/config/keyword-tree.js';
import { sameAs, synopsis } from './markdown.js';

export function manualPage(roots: readonly KeywordNode[]): string {
  const all = [
    '.\\" Generated from the keyword tables by `npm run reference`.',
    '.TH KEEPALIVED.CONF 5 "" Keelson "File formats"',
    '.SH NAME',
    'keepalived.conf \\- configuration file of keepalived',
    '.SH DESCRIPTION',
    ...introduction.map(escaped),
    ...roots.flatMap(rootSection),
    '.SH SEE ALSO',
    '.BR keepalived (8),',
    '.BR ipvsadm (8)',
  ];
  return `${all.join('\n')}\n`;
}

const introduction = [
  'A line is a keyword and its arguments; a block stands in braces. A comment begins with # or !.',
  'Text in double quotes is one word. The file may include others (include PATH), use some lines',
  'on one node only (@ID), define text ($NAME=value) and repeat lines (~SEQ, ~LST).',
  'Keywords marked with (*) are accepted, kept and printed, but nothing comes of them yet.',
];

function rootSection(root: KeywordNode): readonly string[] {
  return [
    `.SH ${root.name.toUpperCase()}`,
    `.B ${escaped(synopsis(root))}`,
    '.PP',
    escaped(root.documentation),
    ...entries(root, root.name),
  ];
}

function entries(node: KeywordNode, path: string): readonly string[] {
  const own = [...(node.inside ?? []), ...(node.options ?? [])];
  const deeper = (node.inside ?? []).flatMap((inner) => {
    if (inner.inside === null && inner.options === null) return [];
    const innerPath = `${path} / ${inner.name}`;
    return [
      `.SS ${escaped(innerPath)}`,
      escaped(inner.documentation),
      ...entries(inner, innerPath),
    ];
  });
  return [...own.flatMap(entry), ...deeper];
}

function entry(node: KeywordNode): readonly string[] {
  const fallback = node.default === null ? '' : ` Default: ${node.default}.`;
  const mark = node.isActedOn ? '' : ' (*)';
  const text = `${node.documentation}${fallback} ${sameAs(node)}`.trim();
  return ['.TP', `.B ${escaped(synopsis(node) + mark)}`, escaped(text)];
}

/** Backslashes, hyphens, and a control character at the start of a line have a meaning in roff. */
function escaped(text: string): string {
  const plain = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...');
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}
