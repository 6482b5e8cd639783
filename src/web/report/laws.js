// Fitted laws beside what they were fitted to, the knee of a curve and where an objective was crossed.
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { short } from '../shared/format.js';

// A law is drawn as it was fitted, and dashed where nothing was measured.
export function lawLines(lines, group) {
  return group.flatMap(({ series, index }) => {
    const { law } = series;
    const of = lines.find((line) => line.name === series.name);
    if (!law || law.x === 'in flight' || !of) return [];
    const style = { ...lineStyle(index), marker: null };
    const curve = (points) => points.map(([x, y]) => ({ x, y }));
    const split = law.measured_up_to;
    const common = { style, of, drawnOnly: true, bare: true, faint: true, smooth: true };
    return [
      {
        ...common,
        name: law.name,
        dash: [],
        legend: 'fitted law',
        points: curve(law.curve.filter(([x]) => x <= split)),
      },
      {
        ...common,
        name: law.name,
        dash: [4, 4],
        legend: 'beyond what was measured',
        points: curve(law.curve.filter(([x]) => x >= split)),
      },
    ].filter(({ points }) => points.length > 1);
  });
}

/** The marks of a series: [{x, label}]. */
const itsMarks = ({ knee, slo }) =>
  [
    // that of an open loop is on the axis of what was in flight
    [knee?.of === 'in flight' ? null : knee?.x, 'knee at'],
    [slo?.holds_up_to, 'SLO holds up to'],
    [slo?.undecided_from, 'SLO undecided from'],
    [slo?.fails_from, 'SLO fails from'],
  ]
    .filter(([x]) => typeof x === 'number')
    .map(([x, what]) => ({ x, label: `${what} ${short(x)}` }));

/** Of two series each mark says whose it is; what is the same of both stands once. */
export function marksOf(group) {
  if (group.length > 2) return [];
  const all = group.flatMap(({ series, index }) =>
    itsMarks(series).map((mark) => ({ ...mark, of: series.name, hue: lineStyle(index).hue })),
  );
  if (group.length === 1) return all.map(({ x, label }) => ({ x, label }));
  const same = (mark) => all.filter((other) => other.label === mark.label && other.x === mark.x);
  return all
    .filter((mark) => same(mark)[0] === mark)
    .map((mark) => (same(mark).length > 1 ? { x: mark.x, label: mark.label, of: 'both' } : mark));
}

// Of rates: a law over the requests in flight has an axis of its own.
export function inFlightLaws(data, group) {
  return group
    .filter(({ series }) => series.law?.x === 'in flight')
    .map(({ series, index }) => {
      const { law } = series;
      const style = lineStyle(index);
      const measured = { name: 'measured', style, dash: [0, 1e4], points: law.points.map(([x, y]) => ({ x, y })) };
      const part = (keep, dash, legend) => ({
        name: law.name,
        style,
        of: measured,
        drawnOnly: true,
        bare: true,
        faint: true,
        smooth: true,
        dash,
        legend,
        points: law.curve.filter(([x]) => keep(x)).map(([x, y]) => ({ x, y })),
      });
      return linesChart({
        title: `Throughput over requests in flight${group.length > 1 ? `, ${series.name}` : ''}`,
        note: law.sentence,
        x: { label: 'requests in flight on average', unit: 'in flight' },
        y: data.figures.output_tokens_per_second && { label: 'output', unit: 'tokens/s' },
        lines: [
          measured,
          part((x) => x <= law.measured_up_to, [], 'fitted law'),
          part((x) => x >= law.measured_up_to, [4, 4], 'beyond what was measured'),
        ].filter(({ points }) => points.length > 1 || points === measured.points),
        marks: series.knee?.of === 'in flight' ? [{ x: series.knee.x, label: `knee at ${short(series.knee.x)}` }] : [],
      });
    });
}
