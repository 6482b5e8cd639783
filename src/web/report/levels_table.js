// Every level with all its figures: the numbers behind the charts.
import { el } from '../shared/dom.js';
import { absent, exact, interval } from '../shared/format.js';
import { table } from '../shared/table.js';
import { endsOf, figureName, inBrackets, tooFew } from './figures.js';

const levelsOf = (data, point) => point.levels.map(({ run, level }) => data.runs[run]?.levels[level]).filter(Boolean);
const sum = (values) => values.reduce((all, value) => all + value, 0);

// What a level came from, beside its figures: how many requests, for how long, at which rate.
const circumstances = [
  { name: 'requests', of: (levels) => sum(levels.map((level) => level.requests.offered)) },
  {
    name: 'window, s',
    // APIs that took turns had the same one
    of: (levels, series) =>
      series.together
        ? levels[0].throughput.window_seconds
        : sum(levels.map((level) => level.throughput.window_seconds)),
  },
  {
    name: 'sent, requests/s',
    of: (levels, series) => {
      const rates = levels.map((level) => level.load?.achieved_rate).filter((rate) => typeof rate === 'number');
      if (rates.length === 0) return undefined;
      return series.together ? sum(rates) : sum(rates) / rates.length;
    },
  },
];

function figureCell(data, point, key) {
  const figure = point.figures[key];
  if (!figure) return absent;
  if (figure.beyond !== undefined) return { number: null, text: `> ${exact(figure.beyond)}` };
  const ends = endsOf(data, point, key);
  const between = interval(ends);
  const shown = inBrackets(exact(figure.value), ends);
  return { number: figure.value, text: el('span', {}, shown, between && el('small', {}, between)) };
}

/** Goodput is of what was sent within the window, what completed of what ended in it. */
const goodputIsMore = (group) =>
  group.some(({ series }) =>
    series.points.some(
      ({ figures }) => (figures.goodput_per_second?.value ?? 0) > (figures.requests_per_second?.value ?? Infinity),
    ),
  );

export function levelsTable(data, group, x) {
  const points = group.flatMap(({ series }) => series.points.map((point) => ({ series, point })));
  const keys = Object.keys(data.figures).filter((key) => points.some(({ point }) => point.figures[key]));
  const beside = circumstances.filter(({ of }) =>
    points.some(({ series, point }) => {
      const levels = levelsOf(data, point);
      return levels.length > 0 && of(levels, series) !== undefined;
    }),
  );
  const several = group.length > 1;
  const few = points.some(({ point }) => keys.some((key) => tooFew(endsOf(data, point, key))));
  const nameOf = (key) => `${figureName(data, key, group[0].series)}, ${data.figures[key].unit}`;
  return [
    table({
      caption: `Every level, all figures, with their 95 % intervals${few ? '; in brackets: n too small for one' : ''}`,
      class: 'levels',
      columns: [
        x.label,
        ...(several ? [{ name: 'setting', class: 'setting' }] : []),
        ...beside.map(({ name }) => ({ name, numeric: true })),
        ...keys.map((key) => ({ name: nameOf(key), numeric: true })),
      ],
      rows: points.map(({ series, point }) => {
        const levels = levelsOf(data, point);
        return [
          point.name + (point.valid === false ? ' (not valid)' : ''),
          ...(several ? [series.name] : []),
          ...beside.map(({ of }) => ({ number: levels.length > 0 ? (of(levels, series) ?? null) : null })),
          ...keys.map((key) => figureCell(data, point, key)),
        ];
      }),
    }),
    goodputIsMore(group) &&
      el(
        'p',
        { class: 'note' },
        'Completed counts the requests that ended within the window, goodput those that were sent within it and met the objective, whenever they ended: in a short window the one may be more than the other.',
      ),
  ];
}
