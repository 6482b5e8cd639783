// Lines over a common axis: measured points with their intervals, laws beside them, marks across.
import uPlot from 'uplot';
import { absent, exact, interval, intervalAround, quantity, short } from '../shared/format.js';
import { figure } from './figure.js';
import { legend, lineSample } from './legend.js';
import { drawMarks, moreHeight, roomAbove } from './marks.js';
import { drawMarker, markersThatFit } from './markers.js';
import { colour, faded, hueColour } from './palette.js';
import { axis, plot } from './plot.js';
import { dates, drawnUnit, logTicks, measuredTicks, rangeOfX, rangeOfY, sorted, wholeSteps } from './scales.js';
import { beyondSample, drawBeyond, drawWhiskers, whiskerSample } from './whiskers.js';

const isNumber = (value) => typeof value === 'number';
const bounds = (point) => [point.low ?? null, point.high ?? null];
const xsOf = (lines) => sorted(lines.flatMap((line) => line.points.map((point) => point.x)));

// Of values that span so much that the small ones would lie on the axis.
const spansDecades = (values) =>
  values.length > 0 && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 40;

/** What all parts of the chart need to know, worked out once. */
function prepared({ x, y, lines }) {
  const told = lines.filter((line) => !line.drawnOnly);
  const values = lines.flatMap((line) => line.points.map((point) => point.y ?? point.beyond)).filter(isNumber);
  const { unit, factor } = drawnUnit(y.unit, Math.max(0, ...values));
  const scale = (value) => (isNumber(value) ? value * factor : value);
  const drawn = lines.map((line) => ({
    ...line,
    points: line.points.map((point) => ({
      ...point,
      y: scale(point.y),
      low: scale(point.low),
      high: scale(point.high),
      beyond: scale(point.beyond),
    })),
  }));
  const log = y.scale === 'log' || (y.scale === 'auto' && spansDecades(values));
  const xs = xsOf(lines);
  for (const line of lines) line.sample ??= lineSample(line.bare ? { ...line.style, marker: null } : line.style);
  return {
    x,
    y,
    lines,
    told,
    drawn,
    factor,
    log,
    xs,
    stops: xsOf(told),
    shown: new Map(lines.map((line) => [line, true])),
    withIntervals: told.some((line) =>
      line.points.some((point) => point.low !== undefined || point.high !== undefined),
    ),
    withOpenEnds: told.some((line) => line.points.some((point) => point.low === null || point.high === null)),
    withBeyond: told.some((line) => line.points.some((point) => isNumber(point.beyond))),
    rangeX: x.scale === 'log2' ? [xs[0] / 1.18, xs.at(-1) * 1.18] : rangeOfX(xs, x),
    rangeY: rangeOfY(drawn, log),
    yLabel: [y.label, unit].filter(Boolean).join(', ') + (log ? ' (log)' : ''),
  };
}

const aligned = ({ xs, drawn }) => [
  xs,
  ...drawn.map((line) => {
    const at = new Map(line.points.map((point) => [point.x, point.y]));
    return xs.map((x) => at.get(x) ?? null); // uPlot draws nothing of it
  }),
];

function drawPoints(u, line) {
  if (line === undefined || line.drawnOnly || line.bare) return;
  const lineColour = hueColour(line.style.hue);
  drawWhiskers(u, line, lineColour);
  drawBeyond(u, line, lineColour);
  const radius = 4.2 * uPlot.pxRatio;
  const points = line.points
    .filter(({ y }) => isNumber(y))
    .map((point) => ({ x: u.valToPos(point.x, 'x', true), y: u.valToPos(point.y, 'y', true) }))
    .sort((a, b) => a.x - b.x);
  const fitting = markersThatFit(
    points.map(({ x }) => x),
    2.5 * radius,
  );
  for (const [index, { x, y }] of points.entries()) {
    if (fitting[index] === null) continue;
    drawMarker(u.ctx, line.style.marker, x, y, radius, lineColour, fitting[index] === 'alone' ? colour('--panel') : null);
  }
}

const seriesOf = (line) => ({
  scale: 'y',
  spanGaps: true,
  stroke: () => (line.faint ? faded(hueColour(line.style.hue), 0.6) : hueColour(line.style.hue)),
  width: line.faint ? 1.4 : 2,
  dash: line.dash ?? line.style.dash,
  points: { show: false },
  ...(line.smooth && { paths: uPlot.paths.spline(), pxAlign: 0 }),
});

// On a phone as well more than one moment is named.
// uPlot knows nothing between a minute and five, nor between an hour and a day's quarter.
const [minute, hour, day] = [60, 3600, 86400];
const stepsOfTime = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((n) => n * minute),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * hour),
  ...[1, 2, 3, 5, 7, 14, 28, 56, 112, 365].map((n) => n * day),
];
const spaceOfMoments = (u) => Math.max(60, Math.min(80, u.bbox.width / uPlot.pxRatio / 5));

function optionsOf(chart, marks) {
  const { x, y, drawn, factor, log, rangeX, rangeY, yLabel } = chart;
  const ticks =
    x.scale === 'time'
      ? { values: dates, space: spaceOfMoments, incrs: stepsOfTime }
      : x.ticks
        ? { splits: measuredTicks(x.ticks, 34), values: (_, all) => all.map(short) }
        : {};
  const scaledMark = (mark) => (mark.y === undefined ? mark : { ...mark, y: mark.y * factor });
  return {
    padding: [roomAbove(marks), 14, 0, 0],
    // moments are said as everywhere (shared/format.js)
    ...(x.scale === 'time' && { tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') }),
    scales: {
      x: { time: x.scale === 'time', ...(x.scale === 'log2' && { distr: 3, log: 2 }), range: () => rangeX },
      y: { distr: log ? 3 : 1, range: () => [y.from ?? rangeY[0], y.to === undefined ? rangeY[1] : y.to * factor] },
    },
    axes: [
      axis('x', { label: x.label, ...ticks }),
      axis('y', {
        label: yLabel,
        ...(log && { splits: logTicks(...rangeY) }),
        ...(y.whole && { incrs: wholeSteps }),
        values: (_, all) => all.map((value) => (value === null ? '' : short(value))),
      }),
    ],
    series: [{}, ...drawn.map(seriesOf)],
    hooks: {
      drawSeries: [(u, index) => drawPoints(u, drawn[index - 1])],
      draw: [(u) => drawMarks(u, marks.map(scaledMark))],
    },
  };
}

// A value, its interval, and where it has none why; what is not known is said to be so.
function toldOf(point, unit) {
  if (isNumber(point.beyond)) return `over ${quantity(point.beyond, unit)}`;
  if (!isNumber(point.y)) return absent;
  const between = intervalAround(point.y, bounds(point), unit);
  const few = between === '' && point.low === null && 'n too small for an interval';
  return [quantity(point.y, unit), (between || few) && `(${between || few})`, point.more].filter(Boolean).join(' ');
}

// All lines that have a value where the pointer is nearest to one.
const hoverOf =
  ({ x, y, told, shown, stops }) =>
  (u) => ({
    items: () => stops,
    find(left) {
      const distance = (at) => Math.abs(u.valToPos(at, 'x') - left);
      return stops.reduce((best, at) => (best === null || distance(at) < distance(best) ? at : best), null);
    },
    place: (at) => ({ left: u.valToPos(at, 'x') }),
    tell: (at) => ({
      head: x.tell ? x.tell(at) : `${short(at)} ${x.unit ?? ''}`.trim(),
      rows: told.flatMap((line) => {
        const point = shown.get(line) && line.points.find((candidate) => candidate.x === at);
        return point ? [{ sample: line.sample, name: line.name, value: toldOf(point, y.unit) }] : [];
      }),
    }),
  });

function legendOf({ lines, told, shown, withIntervals, withOpenEnds, withBeyond }, chartOf) {
  const toggle = (line) => (on) => {
    for (const [index, other] of lines.entries()) {
      if (other !== line && other.of !== line) continue;
      shown.set(other, on);
      chartOf().u?.setSeries(index + 1, { show: on });
    }
  };
  const entries = told.map((line) => ({
    name: line.name,
    sample: line.sample.cloneNode(true),
    ...(told.length > 1 && { toggle: toggle(line) }),
  }));
  const kinds = new Map(lines.filter((line) => line.legend).map((line) => [line.legend, line]));
  for (const [name, line] of kinds) {
    entries.push({ name, sample: lineSample({ hue: 'none', dash: line.dash ?? [], marker: null }) });
  }
  if (withIntervals) {
    const arrows = withOpenEnds ? ', an arrow where n is too small to know its end' : '';
    entries.push({ name: `whiskers: 95 % interval${arrows}`, sample: whiskerSample() });
  }
  if (withBeyond) entries.push({ name: 'beyond what was seen, for requests were cut', sample: beyondSample() });
  return entries.length > 1 ? legend(entries) : null;
}

// In brackets, as on the terminal, where n is too small for an interval.
function valueCell(point) {
  if (isNumber(point?.beyond)) return { number: null, text: `> ${exact(point.beyond)}` };
  const open = isNumber(point?.y) && (point.low === null || point.high === null);
  return { number: point?.y ?? null, ...(open && { text: `(${exact(point.y)})` }) };
}

function tableOf({ x, y, told, stops, withIntervals }, title) {
  const columns = [
    x.label,
    ...told.flatMap((line) => [
      { name: `${line.name}${y.unit ? `, ${y.unit}` : ''}`, numeric: true },
      ...(withIntervals ? [{ name: '95 % interval', numeric: true }] : []),
    ]),
  ];
  const cells = (line, at) => {
    const point = line.points.find((candidate) => candidate.x === at);
    return [valueCell(point), ...(withIntervals ? [point ? interval(bounds(point), exact) : ''] : [])];
  };
  const rows = stops.map((at) => [x.tell ? x.tell(at) : String(at), ...told.flatMap((line) => cells(line, at))]);
  return { caption: title, columns, rows, captionHidden: true };
}

/**
 * lines: [{name, style, points: [{x, y, low?, high?, beyond?, more?}], ...}]. Without a y there is a place on the axis
 * and no value; `beyond` is what that is known to be over. A low or high of null is an end that is not known.
 * And of each line, where wanted:
 *   bare       no markers, for lines of very many points
 *   drawnOnly  neither told nor in the table, such as a law; `of` is the line that it goes with, `legend` what it is
 *   dash, faint, smooth   how it is drawn
 * x: {label, unit, scale?: 'linear' | 'log2' | 'time', ticks?, tell?(x), from?, to?}
 * y: {label, unit, scale?: 'linear' | 'log' | 'auto', from?, to?, whole?}
 *   whole      there is nothing between whole numbers
 * marks: as charts/marks.js has them
 */
export function linesChart({ title, note, x, y, lines, marks = [], wide, height = 260, level, control }) {
  const all = prepared({ x, y, lines });
  const chart = plot({
    height: height + moreHeight(marks),
    label: `${title}. ${all.yLabel} over ${x.label}`,
    data: aligned(all),
    options: optionsOf(all, marks),
    hover: hoverOf(all),
  });
  return figure({
    title,
    note,
    wide,
    level,
    control,
    legend: legendOf(all, () => chart),
    body: chart.frame,
    table: () => tableOf(all, title),
  });
}
