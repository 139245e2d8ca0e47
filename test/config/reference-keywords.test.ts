// Our language knows every keyword of keepalived and of DPVS: the lists of the reference are walked
// and each name is looked up in the tables.
import t, { type Test } from 'tap';
import { dpvsConfTable } from '../../src/config/dpvs-conf/table.js';
import { type KeywordNode, keywordTree } from '../../src/config/keyword-tree.js';
import { dpvsConfKeywords, dpvsKeywords } from './reference-dpvs.js';
import { block, keepalivedKeywords, type ReferenceBlock } from './reference-keywords.js';
import { keepalivedOptions } from './reference-options.js';

type Nodes = readonly KeywordNode[];

const tree = keywordTree();
/** dpvs.conf is read by tables of its own. */
const dpvsConfTree: Nodes = keywordTree(dpvsConfTable);

/** What may stand at a place, keywords and options alike; undefined: there is no such place. */
function nodesAt(at: readonly string[], nodes: Nodes): Nodes | undefined {
  const [name, ...rest] = at;
  if (name === undefined) return nodes;
  const node = nodes.find((node) => node.name === name);
  if (node === undefined) return undefined;
  return nodesAt(rest, [...(node.inside ?? []), ...(node.options ?? [])]);
}

function missingFrom(nodes: Nodes, { at, keywords }: ReferenceBlock): readonly string[] {
  const known = new Set(nodesAt(at, nodes)?.map(({ name }) => name));
  return keywords.filter((name) => !known.has(name));
}

function placeOf({ at }: ReferenceBlock): string {
  return at.length === 0 ? 'root' : at.join(' ');
}

function walk(t: Test, nodes: Nodes, blocks: readonly ReferenceBlock[]): void {
  for (const block of blocks) {
    const known = `${placeOf(block)}: all ${block.keywords.length} known`;
    t.same(missingFrom(nodes, block), [], known);
  }
  t.end();
}

t.test("keepalived's keywords", (t) => walk(t, tree, keepalivedKeywords));
t.test("keepalived's options of entries and keywords", (t) => walk(t, tree, keepalivedOptions));
t.test("DPVS's keywords in keepalived.conf", (t) => walk(t, tree, dpvsKeywords));
t.test("DPVS's dpvs.conf", (t) => walk(t, dpvsConfTree, dpvsConfKeywords));

t.test('the lists are as long as the source has keywords', (t) => {
  const counted = keepalivedKeywords.filter(({ count }) => count !== null);
  t.equal(counted.length, 20);
  for (const block of counted) t.equal(block.keywords.length, block.count, placeOf(block));
  t.end();
});

t.test('no list has a name twice', (t) => {
  const lists = [...keepalivedKeywords, ...keepalivedOptions, ...dpvsKeywords, ...dpvsConfKeywords];
  for (const block of lists) {
    t.equal(new Set(block.keywords).size, block.keywords.length, placeOf(block));
  }
  t.end();
});

t.test('a name that the tables lack is found missing, and so is a place', (t) => {
  t.same(missingFrom(tree, block('', 'global_defs nonsense')), ['nonsense']);
  t.same(missingFrom(tree, block('no such place', 'one two')), ['one', 'two']);
  t.end();
});
