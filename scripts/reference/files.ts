// What `npm run reference` writes, and what a test holds the files in docs/ against.
import { dpvsConfTable } from '../../src/config/dpvs-conf/table.js';
import { keywordTree } from '../../src/config/keyword-tree.js';
import { dpvsConfPage, markdownPages } from './markdown.js';
import { manualPage } from './roff.js';

export type ReferenceFile = { readonly path: string; readonly text: string };

export const referenceFolder = 'docs/keywords';

export function referenceFiles(): readonly ReferenceFile[] {
  const roots = keywordTree();
  const dpvsConf = keywordTree(dpvsConfTable);
  return [
    ...markdownPages(roots).map(({ name, text }) => ({ path: `${referenceFolder}/${name}`, text })),
    { path: `${referenceFolder}/dpvs.conf.md`, text: dpvsConfPage(dpvsConf) },
    { path: 'docs/man/keepalived.conf.5', text: manualPage(roots) },
  ];
}
