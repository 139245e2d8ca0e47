// Cycles per packet over the number of flows, as an SVG: one line per family of cases, the floor
// as a dashed line across. Colours follow the reader's light or dark scheme;
// markers tell the lines apart without colours. What to draw is decided here, not how to measure.
import type { Row } from './datapath-program.js';

type Point = Pick<Row, 'flows' | 'cyclesPerPacket'>;
type Family = { readonly name: string; readonly points: readonly Row[] };
type Scale = (value: number) => number;
type Axes = {
  readonly x: Scale;
  readonly y: Scale;
  /** Powers of two. */
  readonly flowTicks: readonly number[];
  readonly cycleTicks: readonly number[];
};

const width = 820;
const height = 460;
const area = { left: 68, right: 590, top: 62, bottom: 396 };
const legendLeft = area.right + 22;
const legendStep = 24;

/** Okabe and Ito's colours, which people who see few colours can tell apart; for light and dark. */
const colours = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#ff9e5e'],
  ['#00795a', '#3fd0a4'],
  ['#a8457f', '#e79bc6'],
  ['#8a6d00', '#f0c83c'],
  ['#4b4b9b', '#a9a9f5'],
] as const;

/** Drawn around a point at 0, 0. */
const markers = [
  '<circle r="4.5"/>',
  '<rect x="-4" y="-4" width="8" height="8"/>',
  '<path d="M0-5.5 5 4H-5Z"/>',
  '<path d="M0-6 5.5 0 0 6-5.5 0Z"/>',
  '<path d="M0 5.5 5-4H-5Z"/>',
] as const;

/** Undefined: no family was measured at two numbers of flows, so there is no line. */
export function plotSvg(rows: readonly Row[]): string | undefined {
  const families = familiesOf(rows);
  const levels = rows.filter(({ name }) => name === 'floor');
  const points = families.flatMap(({ points }) => points);
  if (points.length === 0) return undefined;
  const axes = axesFor(points, levels);
  const lines = families.map((family, index) => lineText(family, index, axes));
  const legend = families.map(({ name }, index) => legendText(name, index));
  for (const [index, level] of levels.entries()) {
    lines.push(levelText(level, axes));
    legend.push(levelLegendText(level, families.length + index));
  }
  return `${[head([...points, ...levels]), grid(axes), ...lines, ...legend].join('\n')}\n</svg>\n`;
}

/** Of one name but for the number of flows in it (1Ki, 64Ki, 1Mi), in that order. */
function familiesOf(all: readonly Row[]): Family[] {
  // A logarithm has no place for a case that begins without any flow.
  const rows = all.filter(({ flows }) => flows > 0);
  const names = new Set(rows.map(({ name }) => familyName(name)));
  return [...names].flatMap((name) => {
    const points = rows.filter((row) => familyName(row.name) === name);
    const sizes = new Set(points.map(({ flows }) => flows));
    const sorted = points.toSorted((left, right) => left.flows - right.flows);
    return sizes.size > 1 ? [{ name, points: sorted }] : [];
  });
}

function familyName(name: string): string {
  const parts = name.split('/').filter((part) => !/^\d+([KMG]i)?$/.test(part));
  return parts.join('/');
}

function axesFor(points: readonly Point[], levels: readonly Point[]): Axes {
  const powers = points.map(({ flows }) => Math.log2(flows));
  const [first, last] = [Math.floor(Math.min(...powers)), Math.ceil(Math.max(...powers))];
  const most = Math.max(...[...points, ...levels].map(({ cyclesPerPacket }) => cyclesPerPacket));
  const step = roundStep(most / 6);
  const top = Math.ceil((most * 1.02) / step) * step;
  const every = Math.ceil((last - first) / 8);
  return {
    x: (flows) =>
      area.left + ((Math.log2(flows) - first) / (last - first)) * (area.right - area.left),
    y: (cycles) => area.bottom - (cycles / top) * (area.bottom - area.top),
    flowTicks: range(first, last, every).map((power) => 2 ** power),
    cycleTicks: range(0, top, step),
  };
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}

function head(rows: readonly Row[]): string {
  const series = colours.flatMap(
    ([light], index) => `.s${index} { stroke: ${light}; fill: ${light}; }`,
  );
  const dark = colours.flatMap(
    ([, dark], index) => `.s${index} { stroke: ${dark}; fill: ${dark}; }`,
  );
  const title = 'Cycles per packet over the number of flows';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${title}</title>
<style>
text { font: 13px sans-serif; fill: #24292f; stroke: none; }
.heading { font-size: 16px; font-weight: bold; }
.faint { fill: #57606a; }
.paper { fill: #ffffff; }
.grid { stroke: #d8dee4; }
.axis { stroke: #57606a; }
.level { stroke: #57606a; stroke-dasharray: 6 4; }
polyline { fill: none !important; stroke-width: 2; }
${series.join('\n')}
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.faint { fill: #9da7b1; }
.paper { fill: #0d1117; }
.grid { stroke: #2b323b; }
.axis, .level { stroke: #9da7b1; }
${dark.join('\n')}
}
</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="heading" x="${area.left}" y="26">${title}</text>
<text class="faint" x="${area.left}" y="45">${conditions(rows)}</text>`;
}

function conditions(rows: readonly Row[]): string {
  const octets = [...new Set(rows.map(({ packetBytes }) => packetBytes))].join(' and ');
  const workers = [...new Set(rows.map(({ workers }) => workers))].join(' and ');
  return `frames of ${octets} octets, ${workers === '1' ? '1 worker' : `${workers} workers`}`;
}

function grid({ x, y, flowTicks, cycleTicks }: Axes): string {
  const { left, right, top, bottom } = area;
  const across = cycleTicks.flatMap((cycles) => {
    const at = shown(y(cycles));
    return [
      `<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>`,
      `<text class="faint" x="${left - 8}" y="${at}" dy="4" text-anchor="end">${cycles}</text>`,
    ];
  });
  const upright = flowTicks.flatMap((flows) => {
    const at = shown(x(flows));
    const label = `x="${at}" y="${bottom + 20}" text-anchor="middle"`;
    return [
      `<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/>`,
      `<text class="faint" ${label}>${binary(flows)}</text>`,
    ];
  });
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  return [
    ...across,
    `<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>`,
    ...upright,
    `<text x="${middleX}" y="${bottom + 46}" text-anchor="middle">flows</text>`,
    `<text transform="translate(20 ${middleY}) rotate(-90)" text-anchor="middle">` +
      'TSC cycles per packet</text>',
  ].join('\n');
}

/** 1024 as 1Ki. */
function binary(count: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), 3);
  return `${count / 1024 ** power}${['', 'Ki', 'Mi', 'Gi'][power]}`;
}

function lineText({ name, points }: Family, index: number, { x, y }: Axes): string {
  const at = points.map((point) => [shown(x(point.flows)), shown(y(point.cyclesPerPacket))]);
  const marks = at.map(([left, top], i) => {
    const point = points[i];
    const hint = point ? `${binary(point.flows)}: ${point.cyclesPerPacket} cycles` : '';
    return `<g transform="translate(${left} ${top})"><title>${hint}</title>${marker(index)}</g>`;
  });
  const line = `<polyline points="${at.map((pair) => pair.join(',')).join(' ')}"/>`;
  const group = `<g class="${series(index)}" aria-label="${escaped(name)}">`;
  return [group, line, ...marks, '</g>'].join('\n');
}

function levelText({ cyclesPerPacket }: Point, { y }: Axes): string {
  const at = shown(y(cyclesPerPacket));
  return `<line class="level" x1="${area.left}" x2="${area.right}" y1="${at}" y2="${at}"/>`;
}

function legendText(name: string, index: number): string {
  return legendEntry(
    index,
    `<g class="${series(index)}"><polyline points="0,0 28,0"/>` +
      `<g transform="translate(14 0)">${marker(index)}</g></g>`,
    name,
  );
}

function levelLegendText({ name }: Row, index: number): string {
  return legendEntry(index, '<line class="level" x1="0" x2="28" y1="0" y2="0"/>', name);
}

function legendEntry(index: number, sample: string, name: string): string {
  const top = area.top + 10 + index * legendStep;
  const text = `<text x="36" y="0" dy="4">${escaped(name)}</text>`;
  return `<g transform="translate(${legendLeft} ${top})">${sample}${text}</g>`;
}

function series(index: number): string {
  return `s${index % colours.length}`;
}

function marker(index: number): string {
  return markers[index % markers.length] ?? markers[0];
}

function shown(coordinate: number): string {
  return coordinate.toFixed(1).replace(/\.0$/, '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
