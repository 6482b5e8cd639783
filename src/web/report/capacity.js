// The search for how much still holds an objective: each step that was taken.
import { el } from '../shared/dom.js';
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { interval, percent, quantity, short } from '../shared/format.js';
import { table } from '../shared/table.js';
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

function stepsTable(capacity, unit) {
  const ttft = capacity.of === 'rate' ? 'TTFT from the arrival p95, ms' : 'TTFT p95, ms';
  return table({
    caption: 'Each step of the search, in its order',
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
    rows: capacity.steps.map((step) => [
      short(step.load),
      el('span', { class: `verdict-${step.verdict}` }, verdicts[step.verdict] ?? step.verdict),
      { number: step.attainment, text: percent(step.attainment) },
      interval(step.attainment_ci95, percent),
      { number: step.requests },
      { number: step.output_tokens_per_second },
      { number: step.ttft_p95_ms },
      { number: step.itl_p95_ms },
      quantity(step.window_seconds, 's'),
    ]),
  });
}

function capacityBlock(capacity, several) {
  const unit = capacity.of === 'rate' ? 'requests/s' : 'users';
  const { limit } = capacity;
  const clauses = (capacity.by_clause ?? []).map(({ clause, holds, fails }) =>
    [
      clause,
      typeof holds === 'number' ? `holds with ${short(holds)}` : null,
      typeof fails === 'number' ? `fails with ${short(fails)}` : null,
    ]
      .filter(Boolean)
      .join(': ')
      .replace(/: (fails.*)$/, ', $1'),
  );
  return el(
    'div',
    { class: 'block' },
    several && el('h3', {}, capacity.name),
    el('p', { class: 'finding' }, capacity.answer),
    limit &&
      el(
        'p',
        {},
        el('strong', {}, `What limits it: ${limit.is}. `),
        [limit.evidence, limit.next_step].filter(Boolean).join(' '),
      ),
    sentences(clauses),
    capacity.steps?.length > 0 && [charts(attainmentChart(capacity, unit)), stepsTable(capacity, unit)],
  );
}

export function capacitySection(data) {
  const capacities = data.capacities ?? [];
  return section(
    'Capacity',
    capacities.map((capacity) => capacityBlock(capacity, capacities.length > 1)),
  );
}
