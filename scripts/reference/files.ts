// What `npm run reference` writes, and what a test holds the files in docs/ against.
import { keywordTree } from '../../src/config/keyword-tree.js';
import { markdownPages } from './markdown.js';
import { manualPage } from './roff.js';

export type ReferenceFile = { readonly path: string; readonly text: string };

export const referenceFolder = 'docs/keywords';

export function referenceFiles(): readonly ReferenceFile[] {
  const roots = keywordTree();
  return [
    ...markdownPages(roots).map(({ name, text }) => ({ path: `${referenceFolder}/${name}`, text })),
    { path: 'docs/man/keepalived.conf.5', text: manualPage(roots) },
  ];
}
