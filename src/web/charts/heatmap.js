// How often each latency occurred in each slice of the time: the darker, the more requests.
import { count as counted, quantity, short } from '../shared/format.js';
import { el } from '../shared/dom.js';
import { figure } from './figure.js';
import { colour } from './palette.js';
import { axis, plot } from './plot.js';
import { logTicks } from './scales.js';

const shades = 6;
const shadeOf = (count, most) => (most === 1 ? 0 : Math.round((Math.log(count) / Math.log(most)) * (shades - 1)));
// Small counts do not need all of them.
const shadesUpTo = (most) =>
  most > 64
    ? Array.from({ length: shades }, (_, shade) => shade)
    : [...new Set(Array.from({ length: most }, (_, less) => shadeOf(less + 1, most)))];

const triples = (flat) => {
  const cells = [];
  for (let at = 0; at + 2 < flat.length; at += 3) cells.push({ x: flat[at], y: flat[at + 1], count: flat[at + 2] });
  return cells.sort((a, b) => a.x - b.x || a.y - b.y);
};

/** map: as "heatmaps" of lmstress.report/1 has it; what: 'request' or 'gap', one of those it counts. */
export function heatmap(map, { title, note, what = 'request', xLabel = 'time in the window, s' }) {
  const cells = triples(map.cells);
  const { from, to, bins } = map.x;
  const width = (to - from) / bins;
  const { edges } = map.y;
  const most = Math.max(1, ...cells.map((cell) => cell.count));
  const between = ({ x, y }) => ({
    time: `${short(from + x * width)} to ${short(from + (x + 1) * width)} s`,
    value: `${quantity(edges[y], map.unit)} to ${quantity(edges[y + 1], map.unit)}`,
  });

  const draw = (u) => {
    const { ctx } = u;
    for (const cell of cells) {
      const left = u.valToPos(from + cell.x * width, 'x', true);
      const right = u.valToPos(from + (cell.x + 1) * width, 'x', true);
      const top = u.valToPos(edges[cell.y + 1], 'y', true);
      const bottom = u.valToPos(edges[cell.y], 'y', true);
      ctx.fillStyle = colour(`--heat-${shadeOf(cell.count, most)}`);
      ctx.fillRect(Math.round(left), Math.round(top), Math.ceil(right - left) - 1, Math.ceil(bottom - top) - 1);
    }
  };

  const chart = plot({
    label: `${title}: how often each latency occurred over time`,
    data: [
      [from, to],
      [edges[0], edges.at(-1)],
    ],
    options: {
      scales: { x: { time: false, range: () => [from, to] }, y: { distr: 3, range: () => [edges[0], edges.at(-1)] } },
      axes: [
        axis('x', { label: xLabel }),
        axis('y', {
          label: `${map.name}, ${map.unit} (log)`,
          splits: logTicks(edges[0], edges.at(-1)),
          space: 24,
          values: (_, all) => all.map((value) => short(value)),
        }),
      ],
      series: [{}, { stroke: 'transparent', points: { show: false } }],
      hooks: { draw: [draw] },
    },
    hover: (u) => ({
      items: () => cells,
      find(left, top) {
        const x = Math.floor((u.posToVal(left, 'x') - from) / width);
        const value = u.posToVal(top, 'y');
        const y = edges.findIndex((edge, index) => value >= edge && value < edges[index + 1]);
        return cells.find((cell) => cell.x === x && cell.y === y) ?? null;
      },
      move(cell, key) {
        const column = cells.filter((other) => other.x === cell.x);
        return column[column.indexOf(cell) + (key === 'ArrowUp' ? 1 : -1)] ?? cell;
      },
      place: (cell) => ({
        left: u.valToPos(from + (cell.x + 0.5) * width, 'x'),
        top: u.valToPos(Math.sqrt(edges[cell.y] * edges[cell.y + 1]), 'y'),
      }),
      tell: (cell) => ({
        head: between(cell).time,
        rows: [{ name: between(cell).value, value: counted(cell.count, what) }],
      }),
    }),
  });
  return figure({
    title,
    note,
    body: chart.frame,
    legend: el(
      'p',
      { class: 'legend ramp' },
      most > 1 && el('span', {}, '1'),
      shadesUpTo(most).map((shade) => el('span', { class: `swatch heat-${shade}`, 'aria-hidden': 'true' })),
      el('span', {}, counted(most, what), ' in a cell'),
    ),
    table: () => ({
      caption: title,
      captionHidden: true,
      columns: ['time in the window', `${map.name}`, { name: `${what}s`, numeric: true }],
      rows: cells.map((cell) => [between(cell).time, between(cell).value, { number: cell.count }]),
    }),
  });
}
