// Where axes begin and end, where their ticks stand, and in which unit.

export const sorted = (values) => [...new Set(values)].sort((a, b) => a - b);

// How uPlot writes moments: from this step of the axis on, like this; below it where a new year or day begins.
export const dates = [
  [31536000, '{YYYY}', ...Array(6).fill(null), 1],
  [2419200, '{MMM}', '\n{YYYY}', ...Array(5).fill(null), 1],
  [86400, '{MMM} {D}', '\n{YYYY}', ...Array(5).fill(null), 1],
  [60, '{HH}:{mm}', '\n{MMM} {D}\n{YYYY}', null, '\n{MMM} {D}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{MMM} {D}\n{YYYY}', null, '\n{MMM} {D}', null, null, null, 1],
];

/** Milliseconds of more than ten seconds are drawn as seconds. */
export function drawnUnit(unit, greatest) {
  return unit === 'ms' && greatest >= 10000 ? { unit: 's', factor: 1e-3 } : { unit, factor: 1 };
}

// Ticks stand at what was measured, as far as they do not touch.
export function measuredTicks(xs, inner) {
  return (u) => {
    const kept = [];
    for (const x of xs) {
      if (kept.length === 0 || u.valToPos(x, 'x') - u.valToPos(kept.at(-1), 'x') > inner) kept.push(x);
    }
    return kept;
  };
}

/** `lines` are in the unit that is drawn. */
export function rangeOfY(lines, log) {
  const values = lines
    .flatMap((line) => line.points.flatMap(({ y, low, high, beyond }) => [y, low, high, beyond]))
    .filter((value) => typeof value === 'number');
  const drawn = lines
    .flatMap((line) => line.points.map(({ y, beyond }) => y ?? beyond))
    .filter((y) => typeof y === 'number');
  if (drawn.length === 0) return [0, 1];
  const most = Math.max(...drawn);
  // an interval that is very wide runs off the chart, rather than pressing all else flat
  const top = Math.min(Math.max(...values), most * 1.8) || 1;
  if (!log) return [0, top * 1.1];
  const least = Math.min(...values.filter((value) => value > 0));
  return [least / 1.4, top * 1.4];
}

const steps = [
  [1],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  ...[0.5, 0.2, 0.1, 0.05].map((step) =>
    Array.from({ length: Math.round(9 / step) }, (_, index) => Number((1 + index * step).toFixed(2))),
  ),
];

/** Between the ticks of what is counted. */
export const wholeSteps = [0, 1, 2, 3, 4, 5, 6].flatMap((decade) => [1, 2, 5].map((digit) => digit * 10 ** decade));

// A narrow span is nearly even: from a step that is round, as many as there is room for.
function evenTicks(low, high) {
  const rough = (high - low) / 6;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * [1, 2, 5, 10].find((digit) => digit * decade >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const length = Math.max(0, last - first + 1);
  return Array.from({ length }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Round ticks of a logarithmic axis from `low` to `high`, as far as they do not touch. */
export const logTicks = (low, high) => (u) => {
  const decades = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); ++decade)
    decades.push(10 ** decade);
  const within = (digits) =>
    decades.flatMap((decade) => digits.map((digit) => digit * decade)).filter((tick) => tick >= low && tick <= high);
  const wanted =
    high / low < 2
      ? evenTicks(low, high)
      : (steps.map(within).find((ticks) => ticks.length >= 3) ?? within(steps.at(-1)));
  const kept = [];
  for (const tick of wanted) {
    if (kept.length === 0 || u.valToPos(kept.at(-1), 'y') - u.valToPos(tick, 'y') > 22) kept.push(tick);
  }
  return kept;
};

export function rangeOfX(xs, x) {
  if (xs.length === 0) return [0, 1];
  const [from, to] = [x.from ?? xs[0], x.to ?? xs.at(-1)];
  if (from === to) return x.scale === 'time' ? [from - 43200, to + 43200] : [from - 1, to + 1];
  const margin = x.from === undefined ? (to - from) * 0.05 : 0;
  return [x.zero ? 0 : from - margin, to + margin];
}

/** How many nines a percentile has: 90 has one, 99 two. */
export const nines = (percent) => -Math.log10(1 - percent / 100);

/** Each nine is `room` pixels wide: where two names would touch, the smaller percentile has none. */
export function namesThatFit(percents, room) {
  const perLetter = 7.2;
  const out = [];
  let next = Infinity;
  for (const percent of [...percents].reverse()) {
    const name = `${percent} %`;
    const [middle, half] = [nines(percent) * room, (name.length * perLetter) / 2];
    const fits = middle + half <= next;
    out.unshift(fits ? name : '');
    if (fits) next = middle - half - 4;
  }
  return out;
}
