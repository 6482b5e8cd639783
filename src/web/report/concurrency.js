// How speed and latency change with the load: each line a setting, each point a level.
import { el, fill } from '../shared/dom.js';
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { short } from '../shared/format.js';
import { endsOf, figureName } from './figures.js';
import { inFlightLaws, lawLines, marksOf } from './laws.js';
import { levelsTable } from './levels_table.js';
import { modelsBlock } from './models.js';
import { charts, choice, section, sentences } from './section.js';

const axisOf = (group) => {
  const xs = [...new Set(group.flatMap(({ series }) => series.points.map(({ x }) => x)))].sort((a, b) => a - b);
  const { name, unit } = group[0].series.x;
  const wide = xs[0] > 0 && xs.at(-1) / xs[0] >= 16;
  return {
    name,
    label: name.includes(unit) ? name : `${name}, ${unit}`,
    unit,
    scale: wide ? 'log2' : 'linear',
    ticks: xs,
    tell: (x) => `${short(x)} ${x === 1 ? unit.replace(/s$/, '') : unit}`,
  };
};

// Each load has a place, whether the figure is known there or not.
const pointsOf = (data, series, key) =>
  series.points.map((point) => {
    const { value = null, beyond } = point.figures[key] ?? {};
    const ends = endsOf(data, point, key);
    return {
      x: point.x,
      y: value,
      ...(ends && { low: ends[0], high: ends[1] }),
      ...(beyond !== undefined && { beyond }),
      more: point.valid === false ? '· not valid' : '',
    };
  });

const linesOf = (data, group, key, nameOf = ({ name }) => name) =>
  group
    .filter(({ series }) => series.points.some((point) => point.figures[key]))
    .map(({ series, index }) => ({
      name: nameOf(series),
      style: lineStyle(index),
      points: pointsOf(data, series, key),
    }));

function throughputChart(data, group, x) {
  const key = group.some(({ series }) => series.points.some((point) => point.figures.inputs_per_second))
    ? 'inputs_per_second'
    : 'output_tokens_per_second';
  const { name, unit } = data.figures[key];
  const lines = linesOf(data, group, key);
  if (lines.length === 0) return null;
  const laws = lawLines(lines, group);
  // the law joins the points; without one a line does
  for (const line of lines) line.dash = laws.some((law) => law.of === line) ? [0, 1e4] : undefined;
  return linesChart({
    title: `Throughput over ${x.name}`,
    note:
      key === 'inputs_per_second'
        ? 'Of the whole server: texts whose vectors arrived within the measured window.'
        : 'Output of the whole server: tokens that arrived within the measured window.',
    x,
    y: { label: name, unit },
    lines: [...lines, ...laws],
    marks: marksOf(group),
  });
}

function figureChart(data, group, x, key, title, note, y = {}, control = null) {
  const lines = linesOf(data, group, key, y.nameOf);
  if (lines.length === 0) return null;
  const label = figureName(data, key, group[0].series);
  return linesChart({
    title,
    note,
    x,
    y: { label, unit: data.figures[key].unit, ...y },
    lines,
    marks: y.marks,
    control,
  });
}

const quantiles = ['p50', 'p95', 'p99'];

// Of one setting all its quantiles; of several one quantile at a time, which is chosen.
function latencyChart(data, group, x, stem, title, note) {
  const keys = quantiles.map((q) => `${stem}_${q}_ms`).filter((key) => linesOf(data, group, key).length > 0);
  if (keys.length === 0) return null;
  const nameOf = (key) => figureName(data, key, group[0].series);
  const named = nameOf(keys[0]).replace(/ p\d+$/, '');
  if (group.length === 1) {
    const lines = keys.map((key, index) => ({
      name: nameOf(key),
      style: lineStyle(index),
      points: pointsOf(data, group[0].series, key),
    }));
    return linesChart({ title, note, x, y: { label: named, unit: 'ms', scale: 'auto' }, lines });
  }
  const holder = el('div', {});
  const start = Math.max(
    0,
    keys.findIndex((key) => key.includes('p95')),
  );
  const quantileNames = keys.map((key) => key.split('_')[1]);
  const show = (index) => {
    const focused = document.activeElement;
    fill(
      holder,
      figureChart(data, group, x, keys[index], `${title}, ${quantileNames[index]}`, note, { scale: 'auto' }, buttons),
    );
    if (buttons?.contains(focused)) focused.focus();
  };
  const buttons = choice({ label: 'Quantile', options: quantileNames, chosen: start, choose: show });
  show(start);
  return holder;
}

// One objective for all has a line across; where they differ each line names its own.
function objectiveChart(data, group, x) {
  const named = ({ objective, attainment }) =>
    objective.includes(' % of the requests')
      ? objective
      : `${objective} in ${short(attainment * 100)} % of the requests`;
  const wanted = group.map(({ series: one }) => one.slo).filter(Boolean);
  const differ = new Set(wanted.map(named)).size > 1;
  const [first] = wanted;
  return figureChart(
    data,
    group,
    x,
    'attainment_percent',
    'Requests that met the objective',
    differ
      ? 'Each line is of the objective that its own requests were held to; the legend names it.'
      : first?.objective,
    {
      from: 0,
      to: 105,
      ...(differ && { nameOf: ({ name, slo }) => (slo ? `${name}: ${named(slo)}` : name) }),
      marks:
        !differ && typeof first?.attainment === 'number'
          ? [{ y: first.attainment * 100, label: `objective: ${short(first.attainment * 100)} %` }]
          : [],
    },
  );
}

function groupBlock(data, group, several) {
  const x = axisOf(group);
  const fromArrival = group[0].series.latencies_from === 'arrival';
  const said = group.flatMap(({ series: one }) =>
    [one.law?.x === 'in flight' ? null : one.law?.sentence, one.knee?.sentence, one.slo?.sentence]
      .filter(Boolean)
      .map((sentence) => (group.length > 1 ? `${one.name}: ${sentence}` : sentence)),
  );
  return [
    several && el('h3', {}, `Over ${x.name}`),
    sentences(said),
    charts(
      throughputChart(data, group, x),
      figureChart(
        data,
        group,
        x,
        'stream_tokens_per_second',
        `Rate of a stream over ${x.name}`,
        'Tokens per second that one user sees after the first token, the median.',
      ),
      inFlightLaws(data, group),
      latencyChart(
        data,
        group,
        x,
        'ttft',
        'Time to first token',
        fromArrival
          ? 'From when a request arrived, whether it could be sent then or not, until its first token.'
          : 'From when a request was sent until its first token.',
      ),
      latencyChart(data, group, x, 'itl', 'Inter-token latency', 'Between one token and the next.'),
      latencyChart(
        data,
        group,
        x,
        'e2e',
        'Whole request',
        fromArrival ? 'From when it arrived until it ended.' : 'From when it was sent until it ended.',
      ),
      objectiveChart(data, group, x),
    ),
    levelsTable(data, group, x),
  ];
}

export function concurrencySection(data) {
  const groups = new Map();
  (data.series ?? []).forEach((series, index) => {
    const key = series.x.unit;
    groups.set(key, [...(groups.get(key) ?? []), { series, index }]);
  });
  return section(
    'How it scales',
    [...groups.values()].map((group) => groupBlock(data, group, groups.size > 1)),
    modelsBlock(data),
  );
}
