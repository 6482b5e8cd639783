// How speed and latency change with the load: each line a setting, each point a level.
import { el, fill } from '../shared/dom.js';
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { barTable } from '../charts/bars.js';
import { table } from '../shared/table.js';
import { exact, interval, short } from '../shared/format.js';
import { charts, choice, section, sentences } from './section.js';

const axisOf = (group) => {
  const xs = [...new Set(group.flatMap(({ series }) => series.points.map(({ x }) => x)))].sort((a, b) => a - b);
  const { name, unit } = group[0].series.x;
  const wide = xs[0] > 0 && xs.at(-1) / xs[0] >= 16;
  return { label: name === unit ? name : `${name}`, unit, scale: wide ? 'log2' : 'linear', ticks: xs,
    tell: (x) => `${short(x)} ${x === 1 ? unit.replace(/s$/, '') : unit}` };
};

const pointsOf = (series, key) => series.points.filter((point) => point.figures[key]).map((point) => {
  const { value, ci95 } = point.figures[key];
  return { x: point.x, y: value, low: ci95?.[0] ?? undefined, high: ci95?.[1] ?? undefined,
    more: point.valid === false ? '· not valid' : '' };
});

const linesOf = (group, key) => group.map(({ series, index }) =>
  ({ name: series.name, style: lineStyle(index), points: pointsOf(series, key) })).filter((line) => line.points.length > 0);

// A law is drawn as it was fitted, and dashed where nothing was measured.
function lawLines(lines, group) {
  return group.flatMap(({ series, index }) => {
    const { law } = series;
    const of = lines.find((line) => line.name === series.name);
    if (!law || law.x === 'in flight' || !of) return [];
    const style = { ...lineStyle(index), marker: null };
    const curve = (points) => points.map(([x, y]) => ({ x, y }));
    const split = law.measured_up_to;
    const common = { style, of, drawnOnly: true, bare: true, faint: true, smooth: true };
    return [
      { ...common, name: law.name, dash: [], legend: 'fitted law', points: curve(law.curve.filter(([x]) => x <= split)) },
      { ...common, name: law.name, dash: [4, 4], legend: 'beyond what was measured', points: curve(law.curve.filter(([x]) => x >= split)) },
    ].filter(({ points }) => points.length > 1);
  });
}

function marksOf(group) {
  if (group.length > 2) return [];
  const hue = (index) => (group.length > 1 ? lineStyle(index).hue : undefined);
  return group.flatMap(({ series, index }) => [
    series.knee && { x: series.knee.x, label: `knee: ${short(series.knee.x)}`, hue: hue(index) },
    typeof series.slo?.holds_up_to === 'number' && { x: series.slo.holds_up_to, label: `SLO holds up to ${short(series.slo.holds_up_to)}`, hue: hue(index) },
    typeof series.slo?.fails_from === 'number' && { x: series.slo.fails_from, label: `SLO fails from ${short(series.slo.fails_from)}`, hue: hue(index) },
  ].filter(Boolean));
}

function throughputChart(data, group, x) {
  const { name, unit } = data.figures.output_tokens_per_second;
  const lines = linesOf(group, 'output_tokens_per_second');
  if (lines.length === 0) return null;
  const laws = lawLines(lines, group);
  // the law joins the points; without one a line does
  for (const line of lines) line.dash = laws.some((law) => law.of === line) ? [0, 1e4] : undefined;
  return linesChart({ title: `Throughput over ${x.label}`, note: 'Output of the whole server: tokens that arrived within the measured window.',
    x, y: { label: name, unit }, lines: [...lines, ...laws], marks: marksOf(group) });
}

function figureChart(data, group, x, key, title, note, y = {}, control = null) {
  const lines = linesOf(group, key);
  if (lines.length === 0) return null;
  const { name, unit } = data.figures[key];
  return linesChart({ title, note, x, y: { label: name, unit, ...y }, lines, marks: y.marks, control });
}

const quantiles = ['p50', 'p95', 'p99'];

// Of one setting all its quantiles; of several one quantile at a time, which is chosen.
function latencyChart(data, group, x, stem, title, note) {
  const keys = quantiles.map((q) => `${stem}_${q}_ms`).filter((key) => linesOf(group, key).length > 0);
  if (keys.length === 0) return null;
  const named = data.figures[keys[0]].name.replace(/ p\d+$/, '');
  if (group.length === 1) {
    const lines = keys.map((key, index) => ({ name: data.figures[key].name, style: lineStyle(index), points: pointsOf(group[0].series, key) }));
    return linesChart({ title, note, x, y: { label: named, unit: 'ms', scale: 'auto' }, lines });
  }
  const holder = el('div', {});
  const start = Math.max(0, keys.findIndex((key) => key.includes('p95')));
  const quantileNames = keys.map((key) => key.split('_')[1]);
  const show = (index) => {
    const focused = document.activeElement;
    fill(holder, figureChart(data, group, x, keys[index], `${title}, ${quantileNames[index]}`, note, { scale: 'auto' }, buttons));
    if (buttons?.contains(focused)) focused.focus();
  };
  const buttons = choice({ label: 'Quantile', options: quantileNames, chosen: start, choose: show });
  show(start);
  return holder;
}

// Of rates: a law over the requests in flight has an axis of its own.
function inFlightLaws(data, group) {
  return group.filter(({ series }) => series.law?.x === 'in flight').map(({ series, index }) => {
    const { law } = series;
    const style = lineStyle(index);
    const measured = { name: 'measured', style, dash: [0, 1e4], points: law.points.map(([x, y]) => ({ x, y })) };
    const part = (keep, dash, legend) => ({ name: law.name, style, of: measured, drawnOnly: true, bare: true, faint: true, smooth: true, dash, legend,
      points: law.curve.filter(([x]) => keep(x)).map(([x, y]) => ({ x, y })) });
    return linesChart({ title: `Throughput over requests in flight${group.length > 1 ? `, ${series.name}` : ''}`, note: law.sentence,
      x: { label: 'requests in flight on average', unit: 'in flight' }, y: data.figures.output_tokens_per_second && { label: 'output', unit: 'tokens/s' },
      lines: [measured, part((x) => x <= law.measured_up_to, [], 'fitted law'), part((x) => x >= law.measured_up_to, [4, 4], 'beyond what was measured')]
        .filter(({ points }) => points.length > 1 || points === measured.points) });
  });
}

function levelsTable(data, group, x) {
  const keys = Object.keys(data.figures).filter((key) => group.some(({ series }) => series.points.some((point) => point.figures[key])));
  const several = group.length > 1;
  return table({
    caption: 'Every level, all figures, with their 95 % intervals', class: 'levels',
    columns: [x.label, ...(several ? [{ name: 'setting', class: 'setting' }] : []), ...keys.map((key) => ({ name: `${data.figures[key].name}, ${data.figures[key].unit}`, numeric: true }))],
    rows: group.flatMap(({ series }) => series.points.map((point) => [point.name + (point.valid === false ? ' (not valid)' : ''),
      ...(several ? [series.name] : []),
      ...keys.map((key) => {
        const figure = point.figures[key];
        if (!figure) return '';
        const between = interval(figure.ci95);
        return { number: figure.value, text: el('span', {}, exact(figure.value), between && el('small', {}, between)) };
      })])),
  });
}

function modelsBlock(data) {
  if (!(data.models?.length > 1)) return null;
  const pick = (model, key) => data.series[model.series].points[model.point].figures[key];
  const others = ['stream_tokens_per_second', 'ttft_p95_ms', 'itl_p50_ms'].filter((key) => data.models.some((model) => pick(model, key)));
  return el('div', { class: 'block' }, el('h3', {}, 'Models side by side'),
    barTable({
      caption: 'Each model at its most output', captionHidden: false, nameOf: 'model', valueName: 'output', unit: 'tokens/s',
      more: ['at', ...others.map((key) => ({ name: `${data.figures[key].name}, ${data.figures[key].unit}`, numeric: true }))],
      rows: data.models.map((model) => {
        const best = pick(model, 'output_tokens_per_second') ?? { value: null };
        return { name: [model.model, model.quantization].filter(Boolean).join(', '), value: best.value, ci95: best.ci95,
          more: [data.series[model.series].points[model.point].name, ...others.map((key) => ({ number: pick(model, key)?.value ?? null }))] };
      }),
    }));
}

function groupBlock(data, group, several) {
  const x = axisOf(group);
  const series = group.map(({ series: one }) => one);
  const attainment = series.find((one) => one.slo)?.slo.attainment;
  const said = group.flatMap(({ series: one }) => [one.law?.x === 'in flight' ? null : one.law?.sentence, one.knee?.sentence, one.slo?.sentence]
    .filter(Boolean).map((sentence) => (group.length > 1 ? `${one.name}: ${sentence}` : sentence)));
  return [
    several && el('h3', {}, `Over ${x.label}`),
    sentences(said),
    charts(
      throughputChart(data, group, x),
      figureChart(data, group, x, 'stream_tokens_per_second', `Rate of a stream over ${x.label}`, 'Tokens per second that one user sees, the median.'),
      inFlightLaws(data, group),
      latencyChart(data, group, x, 'ttft', 'Time to first token', 'From when a request was sent until its first token.'),
      latencyChart(data, group, x, 'itl', 'Inter-token latency', 'Between one token and the next.'),
      latencyChart(data, group, x, 'e2e', 'Whole request', 'From when it was sent until it ended.'),
      figureChart(data, group, x, 'attainment_percent', 'Requests that met the objective', series.find((one) => one.slo)?.slo.objective,
        { from: 0, to: 105, marks: typeof attainment === 'number' ? [{ y: attainment * 100, label: `objective: ${short(attainment * 100)} %` }] : [] })),
    levelsTable(data, group, x),
  ];
}

export function concurrencySection(data) {
  const groups = new Map();
  (data.series ?? []).forEach((series, index) => {
    const key = series.x.unit;
    groups.set(key, [...(groups.get(key) ?? []), { series, index }]);
  });
  return section('How it scales', [...groups.values()].map((group) => groupBlock(data, group, groups.size > 1)), modelsBlock(data));
}
