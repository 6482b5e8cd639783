// Where axes begin and end, where their ticks stand, and in which unit.

export const sorted = (values) => [...new Set(values)].sort((a, b) => a - b);

// How uPlot writes moments: from this step of the axis on, like this; below it where a new year or day begins.
export const dates = [
  [31536000, '{YYYY}', ...Array(6).fill(null), 1],
  [2419200, '{MMM}', '\n{YYYY}', ...Array(5).fill(null), 1],
  [86400, '{MMM} {D}', '\n{YYYY}', ...Array(5).fill(null), 1],
  [60, '{HH}:{mm}', '\n{MMM} {D} {YYYY}', null, '\n{MMM} {D}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{MMM} {D} {YYYY}', null, '\n{MMM} {D}', null, null, null, 1],
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

export function rangeOfX(xs, x) {
  if (xs.length === 0) return [0, 1];
  const [from, to] = [x.from ?? xs[0], x.to ?? xs.at(-1)];
  if (from === to) return x.scale === 'time' ? [from - 43200, to + 43200] : [from - 1, to + 1];
  const margin = x.from === undefined ? (to - from) * 0.05 : 0;
  return [x.zero ? 0 : from - margin, to + margin];
}
