// Percentiles as HdrHistogram draws them: each nine of the axis is as wide as the one before it, so that the tail shows.
import { quantity, short } from '../shared/format.js';
import { figure } from './figure.js';
import { legend, lineSample } from './legend.js';
import { colour, faded, hueColour } from './palette.js';
import { drawnUnit, namesThatFit, nines } from './scales.js';
import { axis, plot } from './plot.js';

const ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999];

const valueAt = (points, percent) => {
  let value = points[0]?.[1] ?? null;
  for (const [p, v] of points) {
    if (p > percent) break;
    value = v;
  }
  return value;
};

/** curves: [{name, style, points: [[percent, value], ...]}] */
export function percentileChart({ title, name, note, unit, of = 'requests', curves, height, wide }) {
  const all = [...new Set(curves.flatMap((curve) => curve.points.map(([p]) => p)))]
    .filter((p) => p < 100)
    .sort((a, b) => a - b);
  const values = curves.flatMap((curve) => curve.points.map(([, value]) => value));
  const drawn = drawnUnit(unit, Math.max(0, ...values));
  const reach = nines(Math.max(50, all.at(-1) ?? 50));
  const shownTicks = ticks.filter((tick) => nines(tick) <= reach + 0.02);
  const last = (points) => points.at(-1)?.[0] ?? 0;
  const read = (curve, p) => (p <= last(curve.points) ? valueAt(curve.points, p) : null);
  for (const curve of curves) curve.sample = lineSample({ ...curve.style, marker: null });

  const chart = plot({
    height,
    label: `${title}. ${drawn.unit} over percentile`,
    data: [
      all.map(nines),
      ...curves.map((curve) =>
        all.map((p) => {
          const value = read(curve, p);
          return value === null ? null : value * drawn.factor;
        }),
      ),
    ],
    options: {
      scales: {
        x: { time: false, range: () => [0, reach * 1.02] },
        y: { range: (_, __, most) => [0, most * 1.1 || 1] },
      },
      axes: [
        axis('x', {
          label: `percentile of the ${of}`,
          splits: () => shownTicks.map(nines),
          values: (u) => namesThatFit(shownTicks, (u.width - 80) / (reach * 1.02)),
        }),
        axis('y', { label: `${name}, ${drawn.unit}`, values: (_, list) => list.map(short) }),
      ],
      series: [
        {},
        ...curves.map((curve) => ({
          stroke: () => hueColour(curve.style.hue),
          width: 2,
          dash: curve.style.dash,
          points: { show: false },
          spanGaps: false,
          fill: () => (curves.length === 1 ? faded(hueColour(curve.style.hue), 0.1) : null),
        })),
      ],
      hooks: { draw: [(u) => drawEnds(u, curves, drawn.factor)] },
    },
    hover: (u) => ({
      items: () => all,
      find: (left) =>
        all.reduce(
          (best, p) =>
            Math.abs(u.valToPos(nines(p), 'x') - left) < Math.abs(u.valToPos(nines(best), 'x') - left) ? p : best,
          all[0] ?? null,
        ),
      place: (p) => ({ left: u.valToPos(nines(p), 'x') }),
      tell: (p) => ({
        head: `p${Number(p.toFixed(3))}`,
        rows: curves.map((curve) => ({
          sample: curve.sample,
          name: curve.name,
          value: quantity(read(curve, p), unit),
        })),
      }),
    }),
  });
  return figure({
    title,
    note,
    wide,
    legend: curves.length > 1 && legend(curves.map(({ name, sample }) => ({ name, sample: sample.cloneNode(true) }))),
    body: chart.frame,
    table: () => ({
      caption: title,
      captionHidden: true,
      columns: ['percentile', ...curves.map(({ name }) => ({ name: `${name}, ${unit}`, numeric: true }))],
      rows: all.map((p) => [`${Number(p.toFixed(4))} %`, ...curves.map((curve) => ({ number: read(curve, p) }))]),
    }),
  });
}

// A dot where a curve ends: beyond it there are too few requests to say anything.
function drawEnds(u, curves, factor) {
  for (const { points, style } of curves) {
    if (points.length === 0) continue;
    const [p, value] = points.filter(([percent]) => percent < 100).at(-1);
    u.ctx.beginPath();
    u.ctx.arc(u.valToPos(nines(p), 'x', true), u.valToPos(value * factor, 'y', true), 3.5 * devicePixelRatio, 0, 7);
    u.ctx.fillStyle = hueColour(style.hue);
    u.ctx.strokeStyle = colour('--panel');
    u.ctx.fill();
    u.ctx.stroke();
  }
}
