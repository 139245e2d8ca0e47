// The plot of cycles over flows: which cases become lines, where points lie, what the axes say.
import t from 'tap';
import type { Row } from '../../bench/datapath-program.js';
import { plotSvg } from '../../bench/plot.js';

function row(name: string, flows: number, cyclesPerPacket: number): Row {
  const rest = { instructionsPerPacket: null, packetsPerSecond: 1e6, packetBytes: 64, workers: 1 };
  return { name, flows, cyclesPerPacket, ...rest };
}

const rows = [
  row('floor', 1024, 20),
  row('fnat/tcp4/hit/1Mi', 2 ** 20, 200),
  row('fnat/tcp4/hit/1Ki', 1024, 100),
  row('fnat/udp4/hit/1Ki', 1024, 110),
  row('fnat/tcp4/new', 65536, 600),
  row('a<b/1', 1, 50),
  row('a<b/4Mi', 2 ** 22, 150),
];

function found(svg: string, pattern: RegExp): (string | undefined)[] {
  return [...svg.matchAll(pattern)].map((match) => match[1]);
}

t.test('a case without flows has no place on the axis', (t) => {
  const none = row('fnat/tcp4/new', 0, 400);
  t.equal(plotSvg([none, row('fnat/tcp4/new/1Mi', 2 ** 20, 500)]), undefined);
  t.notMatch(plotSvg([none, ...rows]), /NaN|Infinity/);
  t.end();
});

t.test('a line for each family of several sizes, points in order of flows', (t) => {
  const svg = plotSvg(rows) ?? '';
  t.same(found(svg, /aria-label="([^"]*)"/g), ['fnat/tcp4/hit', 'a&lt;b']);
  const [tcp, second] = found(svg, /<polyline points="([\d., ]+)"\/>\n/g).map((points) =>
    (points ?? '').split(' ').map((pair) => pair.split(',').map(Number)),
  );
  const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = tcp ?? [];
  t.ok(x1 < x2, 'more flows lie further right');
  t.ok(y1 > y2, 'more cycles lie further up');
  const [[first = 0] = [], [last = 0] = []] = second ?? [];
  t.equal(Math.abs(x2 - x1 - (last - first) * (10 / 22)) < 0.2, true, 'a power of two has a width');
  t.end();
});

t.test('the floor lies across, single points are left out', (t) => {
  const svg = plotSvg(rows) ?? '';
  t.equal(found(svg, /(class="level" x1="68")/g).length, 1);
  t.notMatch(svg, /udp4/);
  t.notMatch(svg, /new/);
  t.end();
});

t.test('the axes name flows in powers of two and cycles in round steps from 0', (t) => {
  const svg = plotSvg(rows) ?? '';
  const flows = found(svg, /text-anchor="middle">(\d+(?:[KM]i)?)</g);
  t.same(flows, ['1', '8', '64', '512', '4Ki', '32Ki', '256Ki', '2Mi']);
  t.same(found(svg, /text-anchor="end">(\d+)</g), ['0', '50', '100', '150', '200', '250']);
  t.match(svg, /TSC cycles per packet/);
  t.match(svg, /frames of 64 octets, 1 worker/);
  t.end();
});

t.test('every element is closed', (t) => {
  const open: string[] = [];
  for (const [, slash, name = '', self] of (plotSvg(rows) ?? '').matchAll(
    /<(\/?)(\w+)[^<>]*?(\/?)>/g,
  )) {
    if (slash === '/') t.equal(open.pop(), name);
    else if (self !== '/') open.push(name);
  }
  t.same(open, []);
  t.end();
});

t.test('no family with two sizes, no plot', (t) => {
  t.equal(plotSvg([]), undefined);
  t.equal(plotSvg(rows.filter(({ name }) => !/hit\/1Mi|a</.test(name))), undefined);
  t.end();
});
