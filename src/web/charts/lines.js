// Lines over a common axis: measured points with their intervals, laws beside them, marks across.
import uPlot from 'uplot';
import { exact, interval, quantity, short } from '../shared/format.js';
import { figure } from './figure.js';
import { legend, lineSample } from './legend.js';
import { drawMarker } from './markers.js';
import { colour, faded, hueColour } from './palette.js';
import { axis, plot } from './plot.js';

// How uPlot writes moments: from this step of the axis on, like this; below it where a new year or day begins.
const dates = [
  [31536000, '{YYYY}', ...Array(6).fill(null), 1],
  [2419200, '{MMM}', '\n{YYYY}', ...Array(5).fill(null), 1],
  [86400, '{MMM} {D}', '\n{YYYY}', ...Array(5).fill(null), 1],
  [60, '{HH}:{mm}', '\n{MMM} {D} {YYYY}', null, '\n{MMM} {D}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{MMM} {D} {YYYY}', null, '\n{MMM} {D}', null, null, null, 1],
];

const sorted = (values) => [...new Set(values)].sort((a, b) => a - b);

/** Milliseconds of more than ten seconds are drawn as seconds. */
export function drawnUnit(unit, greatest) {
  return unit === 'ms' && greatest >= 10000 ? { unit: 's', factor: 1e-3 } : { unit, factor: 1 };
}

const aligned = (xs, lines) => [xs, ...lines.map((line) => {
  const at = new Map(line.points.map((point) => [point.x, point.y]));
  return xs.map((x) => at.get(x) ?? null);
})];

// Ticks stand at what was measured, as far as they do not touch.
function measuredTicks(xs, inner) {
  return (u) => {
    const kept = [];
    for (const x of xs) {
      if (kept.length === 0 || u.valToPos(x, 'x') - u.valToPos(kept.at(-1), 'x') > inner) kept.push(x);
    }
    return kept;
  };
}

function rangeOfY(lines, log) {
  const values = lines.flatMap((line) => line.points.flatMap(({ y, low, high }) => [y, low, high]))
    .filter((value) => typeof value === 'number');
  const drawn = lines.flatMap((line) => line.points.map(({ y }) => y)).filter((y) => typeof y === 'number');
  if (drawn.length === 0) return [0, 1];
  const most = Math.max(...drawn);
  // an interval that is very wide runs off the chart, rather than pressing all else flat
  const top = Math.min(Math.max(...values), most * 1.8) || 1;
  if (!log) return [0, top * 1.1];
  const least = Math.min(...values.filter((value) => value > 0));
  return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(top))];
}

function drawWhiskers(u, line, lineColour) {
  const { ctx } = u;
  const cap = 4 * uPlot.pxRatio;
  const [topmost, lowest] = [u.bbox.top, u.bbox.top + u.bbox.height];
  const within = (y) => Math.min(lowest, Math.max(topmost, y));
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = faded(lineColour, 0.75);
  ctx.lineWidth = 1.4 * uPlot.pxRatio;
  for (const { x, y, low, high } of line.points) {
    if (typeof y !== 'number' || (typeof low !== 'number' && typeof high !== 'number')) continue;
    const at = u.valToPos(x, 'x', true);
    const middle = u.valToPos(y, 'y', true);
    // a bound that is not known is an arrow
    const from = within(typeof low === 'number' ? u.valToPos(low, 'y', true) : middle + 4 * cap);
    const to = within(typeof high === 'number' ? u.valToPos(high, 'y', true) : middle - 4 * cap);
    ctx.beginPath();
    ctx.moveTo(at, from);
    ctx.lineTo(at, to);
    for (const [value, end, back] of [[low, from, -cap], [high, to, cap]]) {
      const arrow = typeof value !== 'number' || end === topmost || end === lowest ? back : 0;
      ctx.moveTo(at - cap, end + arrow);
      ctx.lineTo(at, end);
      ctx.lineTo(at + cap, end + arrow);
    }
    ctx.stroke();
  }
  ctx.restore();
}

function drawMark(u, mark, row) {
  const { ctx } = u;
  const ratio = uPlot.pxRatio;
  const across = mark.y !== undefined;
  const at = Math.round(u.valToPos(across ? mark.y : mark.x, across ? 'y' : 'x', true));
  const ink = mark.hue === undefined ? colour('--ink') : hueColour(mark.hue);
  const { left, top, width, height } = u.bbox;
  if (across ? at < top || at > top + height : at < left || at > left + width) return;
  ctx.save();
  ctx.strokeStyle = faded(ink, 0.7);
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  ctx.lineWidth = ratio;
  ctx.beginPath();
  if (across) { ctx.moveTo(left, at); ctx.lineTo(left + width, at); } else { ctx.moveTo(at, top); ctx.lineTo(at, top + height); }
  ctx.stroke();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  const wide = ctx.measureText(mark.label).width;
  const beside = across ? left + width - wide - 6 * ratio
    : at + 6 * ratio + wide > left + width ? at - 6 * ratio - wide : at + 6 * ratio;
  const line = across ? at - 6 * ratio : top + (12 + row * 15) * ratio;
  ctx.fillStyle = faded(colour('--panel'), 0.7);
  ctx.fillRect(beside - 3 * ratio, line - 10 * ratio, wide + 6 * ratio, 14 * ratio);
  ctx.fillStyle = ink;
  ctx.textBaseline = 'alphabetic';
  ctx.fillText(mark.label, beside, line);
  ctx.restore();
}

function tableOfLines({ title, x, lines, unit, withIntervals }) {
  const shown = lines.filter((line) => !line.drawnOnly);
  const columns = [x.label, ...shown.flatMap((line) => [
    { name: `${line.name}${unit ? `, ${unit}` : ''}`, numeric: true },
    ...(withIntervals ? [{ name: '95 % interval', numeric: true }] : []),
  ])];
  const rows = sorted(shown.flatMap((line) => line.points.map((point) => point.x))).map((at) => [
    x.tell ? x.tell(at) : String(at),
    ...shown.flatMap((line) => {
      const point = line.points.find((candidate) => candidate.x === at);
      return [{ number: point?.y ?? null },
        ...(withIntervals ? [point ? interval([point.low ?? null, point.high ?? null], exact) : ''] : [])];
    }),
  ]);
  return { caption: title, columns, rows, captionHidden: true };
}

/**
 * lines: [{name, style, points: [{x, y, low?, high?}], drawnOnly?, of?, bare?}]; `of` is the line that a drawn one belongs
 *        to, `bare` has no markers; a drawnOnly line is neither told nor in the table.
 * x: {label, scale: 'linear' | 'log2' | 'time', ticks?, tell?}; y: {label, unit, scale?: 'linear' | 'log' | 'auto', from?, to?}
 * marks: [{x | y, label, hue?}]
 */
export function linesChart({ title, note, x, y, lines, marks = [], wide, height, level, control, legend: withLegend = true }) {
  const told = lines.filter((line) => !line.drawnOnly);
  const drawn = lines.flatMap((line) => line.points.map((point) => point.y)).filter((value) => typeof value === 'number');
  const { unit, factor } = drawnUnit(y.unit, Math.max(0, ...drawn));
  const scale = (value) => (typeof value === 'number' ? value * factor : value);
  const scaled = lines.map((line) => ({ ...line,
    points: line.points.map((point) => ({ ...point, y: scale(point.y), low: scale(point.low), high: scale(point.high) })) }));
  const positive = drawn.filter((value) => value > 0);
  const logY = y.scale === 'log' || (y.scale === 'auto' && positive.length === drawn.length && positive.length > 0 &&
    Math.max(...positive) / Math.min(...positive) > 40);
  const xs = sorted(scaled.flatMap((line) => line.points.map((point) => point.x)));
  const stops = sorted(told.flatMap((line) => line.points.map((point) => point.x)));
  const rangeY = rangeOfY(scaled, logY);
  const shown = new Map(lines.map((line) => [line, true]));
  const withIntervals = told.some((line) => line.points.some((point) => point.low !== undefined || point.high !== undefined));
  const yLabel = [y.label, unit].filter(Boolean).join(', ') + (logY ? ' (log)' : '');

  const drawSeries = (u, index) => {
    const line = scaled[index - 1];
    if (line === undefined || line.drawnOnly || line.bare) return;
    const lineColour = hueColour(line.style.hue);
    drawWhiskers(u, line, lineColour);
    const behind = colour('--panel');
    for (const point of line.points) {
      if (typeof point.y !== 'number') continue;
      drawMarker(u.ctx, line.style.marker, u.valToPos(point.x, 'x', true), u.valToPos(point.y, 'y', true),
        4.2 * uPlot.pxRatio, lineColour, behind);
    }
  };

  const hover = (u) => ({
    items: () => stops,
    find(left) {
      if (stops.length === 0) return null;
      const distance = (at) => Math.abs(u.valToPos(at, 'x') - left);
      return stops.reduce((best, at) => (distance(at) < distance(best) ? at : best));
    },
    place: (at) => ({ left: u.valToPos(at, 'x') }),
    tell: (at) => ({
      head: x.tell ? x.tell(at) : `${short(at)} ${x.unit ?? ''}`.trim(),
      rows: told.flatMap((line) => {
        const point = shown.get(line) && line.points.find((candidate) => candidate.x === at);
        if (!point || typeof point.y !== 'number') return [];
        const between = interval([point.low ?? null, point.high ?? null]);
        return [{ sample: line.sample, name: line.name,
          value: quantity(point.y, y.unit) + (between && ` (${between})`) + (point.more ? ` ${point.more}` : '') }];
      }),
    }),
  });

  for (const line of lines) line.sample ??= lineSample(line.bare ? { ...line.style, marker: null } : line.style);
  const chart = plot({
    height,
    label: `${title}. ${yLabel} over ${x.label}`,
    data: aligned(xs, scaled),
    options: {
      scales: {
        x: x.scale === 'log2'
          ? { time: false, distr: 3, log: 2, range: () => [xs[0] / 1.18, xs.at(-1) * 1.18] }
          : { time: x.scale === 'time', range: () => spread(xs, x) },
        y: { distr: logY ? 3 : 1, range: () => [y.from ?? rangeY[0], y.to === undefined ? rangeY[1] : y.to * factor] },
      },
      axes: [
        axis('x', { label: x.label, ...(x.scale === 'time' && { values: dates, size: 46, space: 80 }), ...(x.ticks && { splits: measuredTicks(x.ticks, 34), values: (_, all) => all.map(short) }) }),
        axis('y', { label: yLabel, values: (_, all) => all.map((value) => (value === null ? '' : short(value))) }),
      ],
      series: [{}, ...lines.map((line) => ({
        scale: 'y',
        spanGaps: true,
        stroke: () => (line.faint ? faded(hueColour(line.style.hue), 0.6) : hueColour(line.style.hue)),
        width: line.faint ? 1.4 : 2,
        dash: line.dash ?? line.style.dash,
        points: { show: false },
      }))],
      hooks: {
        drawSeries: [drawSeries],
        draw: [(u) => marks.forEach((mark, index) => drawMark(u, mark.y === undefined ? mark : { ...mark, y: mark.y * factor }, index))],
      },
    },
    hover,
  });

  const toggle = (line) => (on) => {
    for (const [index, other] of lines.entries()) {
      if (other !== line && other.of !== line) continue;
      shown.set(other, on);
      chart.u?.setSeries(index + 1, { show: on });
    }
  };
  const entries = told.map((line) => ({ name: line.name, sample: line.sample.cloneNode(true),
    ...(told.length > 1 && { toggle: toggle(line) }) }));
  for (const kind of new Set(lines.filter((line) => line.legend).map((line) => line.legend))) {
    const line = lines.find((candidate) => candidate.legend === kind);
    entries.push({ name: kind, sample: lineSample({ hue: 'none', dash: line.dash ?? [], marker: null }) });
  }
  if (withIntervals) entries.push({ name: 'whiskers: 95 % interval', sample: whiskerSample() });
  return figure({ title, note, wide, level, control,
    legend: withLegend && (entries.length > 1 || told.length > 1) ? legend(entries) : null,
    body: chart.frame,
    table: () => tableOfLines({ title, x, lines, unit: y.unit, withIntervals }) });
}

function whiskerSample() {
  const sample = lineSample({ hue: 'none', dash: [], marker: null }, { line: false });
  const path = document.createElementNS(sample.namespaceURI, 'path');
  path.setAttribute('d', 'M17 1V13M13 1H21M13 13H21');
  path.setAttribute('stroke', 'currentColor');
  path.setAttribute('stroke-width', '1.5');
  sample.append(path);
  return sample;
}

function spread(xs, x) {
  if (xs.length === 0) return [0, 1];
  const [from, to] = [x.from ?? xs[0], x.to ?? xs.at(-1)];
  if (from === to) return x.scale === 'time' ? [from - 43200, to + 43200] : [from - 1, to + 1];
  const margin = x.from === undefined ? (to - from) * 0.05 : 0;
  return [x.zero ? 0 : from - margin, to + margin];
}
