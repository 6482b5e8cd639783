// The search for how much still holds an objective: each step that was taken.
import { el } from '../shared/dom.js';
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { absent, count, exact, interval, percent, quantity, short, together } from '../shared/format.js';
import { table } from '../shared/table.js';
import { anyInBrackets, bracketsNote, endsOf, inBrackets } from './figures.js';
import { charts, section, sentences } from './section.js';

const verdicts = { holds: '✓ holds', fails: '✕ fails', undecided: '? undecided' };

function attainmentChart(capacity, unit) {
  const last = new Map(capacity.steps.map((step) => [step.load, step])); // tested again: the later one counts
  const points = [...last.values()]
    .filter((step) => typeof step.attainment === 'number')
    .sort((a, b) => a.load - b.load)
    .map((step) => ({
      x: step.load,
      y: step.attainment * 100,
      ...(step.attainment_ci95 && { low: step.attainment_ci95[0] * 100, high: step.attainment_ci95[1] * 100 }),
      more: verdicts[step.verdict] ?? step.verdict,
    }));
  if (points.length === 0) return null;
  const loads = points.map(({ x }) => x);
  return linesChart({
    title: 'Requests that met the objective',
    note: `${capacity.objective}. Whiskers: the 95 % interval that the verdict follows from.`,
    x: {
      label: unit,
      unit,
      scale: loads.at(-1) / loads[0] >= 16 ? 'log2' : 'linear',
      ticks: loads,
      tell: (x) => `${short(x)} ${unit}`,
    },
    y: { label: 'met', unit: '%', from: 0, to: 105 },
    lines: [{ name: 'requests that met it', style: lineStyle(0), points }],
    marks:
      typeof capacity.attainment === 'number'
        ? [{ y: capacity.attainment * 100, label: `wanted: ${percent(capacity.attainment)}` }]
        : [],
  });
}

const stepFigure = (value, ends) => ({
  number: value,
  text: value === null ? absent : inBrackets(exact(value), ends),
});

/**
 * The interval of a step's figure: [null, null] where n is too small, undefined where the data do not say. Where the
 * step has none itself, that of the level which is all that was measured at its load.
 */
function stepEnds(data, number, step, stem) {
  const own = step[`${stem}_ci95`];
  if (own !== undefined) return own ?? [null, null];
  const points = data.series.filter(({ of }) => of.capacity === number).flatMap((one) => one.points);
  const point = points.find(({ x, levels }) => x === step.load && levels.length === 1);
  return point && endsOf(data, point, `${stem}_ms`);
}

function stepsTable(data, number, unit) {
  const capacity = data.capacities[number];
  const ttft = capacity.of === 'rate' ? 'TTFT from the arrival p95, ms' : 'TTFT p95, ms';
  const quantiles = capacity.steps.map((step) =>
    ['ttft_p95', 'itl_p95'].map((stem) => stepFigure(step[`${stem}_ms`], stepEnds(data, number, step, stem))),
  );
  const few = anyInBrackets(quantiles.flat());
  return table({
    caption: `Each step of the search, in its order${few ? `; ${bracketsNote}` : ''}`,
    columns: [
      unit,
      'verdict',
      { name: 'met', numeric: true },
      { name: '95 % interval', numeric: true },
      { name: 'requests', numeric: true },
      { name: 'output, tokens/s', numeric: true },
      { name: ttft, numeric: true },
      { name: 'ITL p95, ms', numeric: true },
      { name: 'window', numeric: true },
    ],
    rows: capacity.steps.map((step, index) => [
      short(step.load),
      el('span', { class: `verdict-${step.verdict}` }, verdicts[step.verdict] ?? step.verdict),
      { number: step.attainment, text: percent(step.attainment) },
      interval(step.attainment_ci95, percent),
      { number: step.requests },
      { number: step.output_tokens_per_second },
      ...quantiles[index],
      quantity(step.window_seconds, 's'),
    ]),
  });
}

const loadOf = (load, unit) => (unit === 'users' ? count(load, 'user') : quantity(load, unit));

/** What was measured of each clause, which is no verdict: that has an interval. Of one clause it is the table's own. */
function clausesBlock(capacity, unit) {
  const clauses = capacity.by_clause ?? [];
  if (clauses.length < 2) return null;
  return [
    el('p', { class: 'note' }, 'Each clause by itself, as measured:'),
    sentences(
      clauses.map(({ clause, holds, fails }) => {
        const met = typeof holds === 'number' ? `met up to ${loadOf(holds, unit)}` : 'met at no load that was tried';
        return `${clause}: ${met}${typeof fails === 'number' ? `, not met with ${loadOf(fails, unit)}` : ''}`;
      }),
    ),
  ];
}

function capacityBlock(data, number) {
  const capacity = data.capacities[number];
  const unit = capacity.of === 'rate' ? 'requests/s' : 'users';
  const { limit } = capacity;
  return el(
    'div',
    { class: 'block' },
    data.capacities.length > 1 && el('h3', {}, capacity.name),
    el('p', { class: 'finding' }, together(capacity.answer)),
    limit &&
      el(
        'p',
        {},
        el('strong', {}, `What limits it: ${limit.is}. `),
        together([limit.evidence, limit.next_step].filter(Boolean).join(' ')),
      ),
    clausesBlock(capacity, unit),
    capacity.steps?.length > 0 && [charts(attainmentChart(capacity, unit)), stepsTable(data, number, unit)],
  );
}

export function capacitySection(data) {
  const capacities = data.capacities ?? [];
  return section(
    'Capacity',
    capacities.map((_, number) => capacityBlock(data, number)),
  );
}
