// One level from within: latency over time, what was in flight, percentiles, single requests, errors.
import { el, fill } from '../shared/dom.js';
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { heatmap } from '../charts/heatmap.js';
import { percentileChart } from '../charts/percentiles.js';
import { phases as phaseNames, timeline } from '../charts/timeline.js';
import { barTable, partsBar } from '../charts/bars.js';
import { count, percent, quantity, short } from '../shared/format.js';
import { table } from '../shared/table.js';
import { capital, charts, choice, section, sentences } from './section.js';

const isOfGaps = (metric) => /gap|itl/.test(metric);

const block = (title, ...content) => el('div', { class: 'block' }, el('h3', {}, title), content);

function heatmaps(detail) {
  return (detail.heatmaps ?? [])
    .filter((map) => map.cells.length > 0)
    .map((map) => {
      const gaps = isOfGaps(map.metric);
      const what = gaps ? 'gap' : 'request';
      const note = gaps
        ? 'Each cell counts gaps of that length, when they ended.'
        : 'Each cell counts requests with that latency, when they were sent.';
      // an axis of equal ratios has no place for them
      const zeros =
        map.zeros > 0
          ? ` Not drawn: ${count(map.zeros, what)} of 0${gaps ? ', between events that came in one read' : ''}.`
          : '';
      return heatmap(map, { title: `${capital(map.name)} over time`, what, note: note + zeros });
    });
}

function occupancyChart(detail) {
  const occupancy = detail.occupancy;
  if (!occupancy) return null;
  const width = (occupancy.to - occupancy.from) / occupancy.bins;
  const line = (key, name, index) =>
    occupancy[key] && {
      name,
      style: { ...lineStyle(index), marker: null },
      bare: true,
      points: occupancy[key].map((y, bin) => ({ x: Number((occupancy.from + (bin + 0.5) * width).toFixed(6)), y })),
    };
  const lines = [
    line('in_flight', 'in flight', 0),
    line('decoding', 'decoding', 1),
    line('prefilling', 'in prefill', 2),
  ].filter(Boolean);
  return linesChart({
    title: 'Streams over time',
    note:
      `At once at most: ${short(occupancy.in_flight_max)} in flight${typeof occupancy.decoding_max === 'number' ? `, ${short(occupancy.decoding_max)} decoding` : ''}.` +
      (typeof occupancy.slots === 'number' ? ` The server has ${count(occupancy.slots, 'slot')}.` : ''),
    x: {
      label: 'time in the window, s',
      unit: 's',
      from: occupancy.from,
      to: occupancy.to,
      tell: (x) => `${short(x)} s`,
    },
    y: { label: 'streams', unit: '' },
    lines,
    marks: typeof occupancy.slots === 'number' ? [{ y: occupancy.slots, label: count(occupancy.slots, 'slot') }] : [],
  });
}

const percentiles = (detail) =>
  (detail.percentiles ?? [])
    .filter(({ points }) => points.length > 0)
    .map((one) => {
      const what = isOfGaps(one.metric) ? 'gap' : 'request';
      return percentileChart({
        title: `${capital(one.name)}, percentiles`,
        name: one.name,
        unit: one.unit,
        of: `${what}s`,
        note: `${count(one.count, what)}${one.cut ? `, and ${one.cut} more that ${one.cut === 1 ? 'was' : 'were'} cut before` : ''}. Each nine has the same width.`,
        curves: [{ name: one.name, style: lineStyle(0), points: one.points }],
      });
    });

function interferenceBlock(detail) {
  const one = detail.interference;
  if (!one) return null;
  const curves = [
    ['during', 'while a prompt was processed', 1],
    ['else', 'while none was', 0],
  ]
    .filter(([key]) => one.curves?.[key]?.length > 0)
    .map(([key, name, index]) => ({ name, style: lineStyle(index), points: one.curves[key] }));
  return (
    curves.length > 0 &&
    percentileChart({
      title: 'Prefill interference',
      name: 'gap between events',
      of: 'gaps',
      note: one.sentence,
      unit: 'ms',
      curves,
    })
  );
}

function phasesBlock(detail) {
  const means = detail.phases;
  if (!means) return null;
  const parts = phaseNames
    .map(({ key, name }) => ({ name, kind: `phase-${key}`, value: means[`${key}_ms`] ?? 0 }))
    .filter(({ value }) => value > 0);
  return block(
    'Where the time of a request goes',
    el('p', { class: 'note' }, `The mean of ${count(means.requests, 'request')} of the level.`),
    partsBar(parts, 'ms'),
  );
}

function errorsBlock(detail) {
  if (!(detail.errors?.length > 0)) return null;
  return block(
    'Errors',
    barTable({
      caption: 'Errors by kind, with an example of each',
      nameOf: 'kind',
      valueName: 'requests',
      unit: '',
      more: [
        { name: 'share', numeric: true },
        { name: 'example', class: 'said' },
      ],
      rows: detail.errors.map((error) => ({
        name: error.kind,
        value: error.count,
        kind: 'bad',
        more: [
          { number: error.share, text: percent(error.share) },
          el('div', {}, el('code', {}, error.example ?? ''), error.advice && el('p', { class: 'note' }, error.advice)),
        ],
      })),
    }),
  );
}

function tokensBlock(detail) {
  const one = detail.tokens_per_event;
  if (!one) return null;
  const sources = Object.entries(one.sources ?? {})
    .filter(([, requests]) => requests > 0)
    .map(([source, requests]) => `${source}: ${count(requests, 'request')}`)
    .join(', ');
  const spread = one.by_request ?? {};
  return block(
    'Tokens per event',
    el(
      'dl',
      { class: 'facts' },
      [
        ['mean', short(one.mean)],
        [
          'by request: least, median, p95, most',
          [spread.min, spread.p50, spread.p95, spread.max].map(short).join(' · '),
        ],
        ['events', short(one.events)],
        ['of these read together with an earlier one', short(one.coalesced)],
        ['where counts are from', sources],
      ].map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    ),
  );
}

function serverBlock(detail) {
  const rows = detail.server_against_ours ?? [];
  if (rows.length === 0) return null;
  return block(
    "The server's own figures against ours",
    table({
      caption: "The server's own figures against ours, medians",
      captionHidden: true,
      columns: [
        'figure',
        { name: 'ours', numeric: true },
        { name: "the server's", numeric: true },
        { name: 'difference p50', numeric: true },
        { name: 'difference p95', numeric: true },
        { name: 'requests', numeric: true },
      ],
      rows: rows.map((row) => [
        row.name,
        ...['ours_p50', 'server_p50', 'difference_p50', 'difference_p95'].map((key) => ({
          number: row[key],
          text: quantity(row[key], row.unit),
        })),
        { number: row.requests },
      ]),
    }),
    sentences(rows.map(({ sentence }) => sentence).filter(Boolean)),
  );
}

function steadyNote(steady) {
  if (!steady) return null;
  if (steady.drifts)
    return el('p', { class: 'finding' }, 'The level drifts: its latency does not settle within the window.');
  return (
    steady.transient_seconds > 0 &&
    el(
      'p',
      { class: 'note' },
      `The first ${quantity(steady.transient_seconds, 's')} look like a beginning rather than a steady state.`,
    )
  );
}

function detailOf(detail) {
  return [
    steadyNote(detail.steady),
    charts(heatmaps(detail), occupancyChart(detail), percentiles(detail), interferenceBlock(detail)),
    phasesBlock(detail),
    detail.timeline?.requests?.length > 0 && charts(timeline(detail.timeline)),
    errorsBlock(detail),
    tokensBlock(detail),
    serverBlock(detail),
  ];
}

export function insideSection(data) {
  const details = data.details ?? [];
  if (details.length === 0) return null;
  const holder = el('div', { class: 'inside', 'aria-live': 'off' });
  const show = (index) =>
    fill(holder, el('h3', { class: 'level-name' }, details[index].name), detailOf(details[index]));
  const start = details.length - 1;
  show(start);
  return section(
    'Inside a level',
    data.details_note && el('p', { class: 'note' }, data.details_note),
    choice({ label: 'Level', options: details.map(({ name }) => name), chosen: start, choose: show }),
    holder,
  );
}
