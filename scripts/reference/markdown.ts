// The keyword tables as Markdown: one page for each root keyword, and an index.
import type { KeywordNode } from '../../src/config/keyword-tree.js';

export type Page = { readonly name: string; readonly text: string };

const origin = '<!-- Generated from the keyword tables by `npm run reference`. -->';

export function markdownPages(roots: readonly KeywordNode[]): readonly Page[] {
  return [
    { name: 'README.md', text: indexPage(roots) },
    ...roots.map((root) => ({ name: `${root.name}.md`, text: rootPage(root) })),
  ];
}

/** dpvs.conf is a file of its own, on one page. */
export function dpvsConfPage(roots: readonly KeywordNode[]): string {
  return lines(
    origin,
    '# dpvs.conf',
    '',
    'The configuration file of DPVS, as `dpvs -c` reads it. What is marked * has no effect here;',
    'where something takes its place, it is named.',
    ...roots.flatMap((root) => [
      '',
      `## ${root.name}`,
      '',
      root.documentation,
      ...sections(root, root.name),
    ]),
  );
}

function indexPage(roots: readonly KeywordNode[]): string {
  return lines(
    origin,
    '# Keywords of keepalived.conf',
    '',
    'Every keyword, block by block. Those marked with * are accepted, kept and printed, but',
    'nothing comes of them yet. `keepalived --dump-keywords` prints the same as JSON.',
    'DPVS has a file of its own: [dpvs.conf](dpvs.conf.md).',
    '',
    '| block | what |',
    '| --- | --- |',
    ...roots.map(({ name, documentation }) => `| [${name}](${name}.md) | ${cell(documentation)} |`),
  );
}

function rootPage(root: KeywordNode): string {
  return lines(
    origin,
    `# ${root.name}`,
    '',
    root.documentation,
    '',
    '```',
    synopsis(root),
    '```',
    ...facts(root),
    ...sections(root, root.name),
  );
}

/** "vrrp_instance NAME { … }" */
export function synopsis({ name, shape, inside }: KeywordNode): string {
  return [name, shape, inside === null ? '' : '{ … }'].filter((part) => part !== '').join(' ');
}

function facts(node: KeywordNode): readonly string[] {
  const sentences = [
    ...(node.default === null ? [] : [`Default: ${node.default}.`]),
    ...(node.isActedOn ? [] : ['Accepted, kept and printed, but nothing comes of it yet.']),
    ...(node.isObsolete ? [`Obsolete: write \`${node.sameAs}\`.`] : []),
  ];
  return sentences.length === 0 ? [] : ['', ...sentences];
}

/** A table of the keywords, then a section for each that has a block or options of its own. */
function sections(node: KeywordNode, path: string): readonly string[] {
  const own = [...tableOf('keyword', node.inside), ...tableOf('option', node.options)];
  const deeper = (node.inside ?? []).flatMap((inner) => {
    if (inner.inside === null && inner.options === null) return [];
    const innerPath = `${path} / ${inner.name}`;
    return ['', `## ${innerPath}`, '', inner.documentation, ...sections(inner, innerPath)];
  });
  return [...own, ...deeper];
}

function tableOf(kind: string, nodes: readonly KeywordNode[] | null): readonly string[] {
  if (nodes === null || nodes.length === 0) return [];
  return [
    '',
    `| ${kind} | argument | default | what |`,
    '| --- | --- | --- | --- |',
    ...nodes.map(row),
  ];
}

function row(node: KeywordNode): string {
  const mark = node.isActedOn ? '' : ' *';
  const instead = node.replacement === null ? '' : `Has no meaning here: ${node.replacement}`;
  const text = [node.documentation, sameAs(node), instead].filter((one) => one !== '').join(' ');
  const shape = node.inside === null ? node.shape : `${node.shape} { … }`;
  const argument = `\`${node.name}\`${mark} | ${code(shape.trim())} | ${cell(node.default ?? '')}`;
  return `| ${argument} | ${cell(text)} |`;
}

export function sameAs({ name, sameAs: other, isObsolete }: KeywordNode): string {
  if (other === null || other === name) return '';
  return isObsolete
    ? `Obsolete: write ${other}.`
    : `Another spelling, or the opposite, of ${other}.`;
}

function code(text: string): string {
  return text === '' ? '' : `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
