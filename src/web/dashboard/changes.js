// Changes as marks on a common axis, each with its interval; the middle is no change.
import { svg, el } from '../shared/dom.js';
import { markerPath } from '../charts/markers.js';
import { interval, signedPercent } from '../shared/format.js';

const names = {
  'throughput.output_tokens_per_second': 'output of the server',
  'throughput.inputs_per_second': 'inputs of the server',
  'throughput.requests_per_second': 'requests',
};
const stems = { event_gap: 'event gap', stream_tokens_per_second: 'rate of a stream' };

/** ttft_ms.p95 is TTFT p95. */
export function figureName(figure) {
  if (names[figure]) return names[figure];
  const [stem, quantile] = figure.split('.');
  const bare = stem.replace(/_ms$/, '');
  return `${stems[bare] ?? bare.toUpperCase()} ${quantile ?? ''}`.trim();
}

const rowHeight = 30;
const left = 42; // per cent of the width for the names

/** Of the figures that decide the interval in which all of them are together; of the others its own. */
export const betweenOf = (figure) => (figure.finding === 'too_few' ? null : (figure.ci95_together ?? figure.ci95));

// What was found is told by the shape and not by the colour alone.
const shapes = { worse: 'down', better: 'triangle', none: 'circle' };
const words = { worse: 'worse', better: 'better', too_few: 'n too small' };

/** A path at a place across: its own coordinates begin there. */
const placed = (x, y, path, kind) =>
  svg('svg', { x: `${x}%`, y, overflow: 'visible' }, svg('path', { d: path, class: kind }));

function titleOf(figure) {
  const between = betweenOf(figure);
  const ends = between ? ` (95 %: ${interval(between, signedPercent)})` : '';
  return `${figureName(figure.figure)}: ${signedPercent(figure.change)}${ends}, ${words[figure.finding] ?? 'no change seen'}`;
}

const roomOfName = 0.28;
const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];

/**
 * An axis from the least change to the greatest, no change among them: {from, to, ticks: [{at, minor}]}. Nothing can
 * fall by more than all of it, and what grows to more than the fourfold runs off the chart.
 */
export function axisOfChanges(edges) {
  const from = Math.max(-1, Math.min(-0.02, ...edges) * 1.1);
  const to = Math.min(3, Math.max(0.02, ...edges) * 1.1);
  const step = steps.find((one) => (to - from) / one < 8) ?? steps.at(-1);
  const first = Math.ceil(from / step - 1e-9);
  const length = Math.floor(to / step + 1e-9) - first + 1;
  const ticks = Array.from({ length }, (_, index) => first + index);
  // On a phone there is room for a name at every quarter or so.
  const each = Math.ceil((roomOfName * (to - from)) / step - 1e-9);
  return { from, to, ticks: ticks.map((tick) => ({ at: tick * step, minor: tick % each !== 0 })) };
}

export function changesChart(figures, name) {
  const known = figures.filter((figure) => typeof figure.change === 'number');
  if (known.length === 0) return null;
  const edges = known
    .flatMap((figure) => [figure.change, ...(betweenOf(figure) ?? [])])
    .filter((edge) => edge !== null);
  const { from, to, ticks } = axisOfChanges(edges);
  const at = (share) => left + ((Math.max(from, Math.min(to, share)) - from) / (to - from)) * (100 - left);
  // To the left of no change where there is no room to its right.
  const fewBeside = at(0) > 75 ? { 'text-anchor': 'end', dx: -8 } : { dx: 8 };
  const height = known.length * rowHeight + 30;
  const line = (x1, x2, y1, y2, kind) => svg('line', { x1: `${x1}%`, x2: `${x2}%`, y1, y2, class: kind });
  const kinds = { worse: 'worse', better: 'better' };
  return el(
    'figure',
    { class: 'chart changes', 'aria-label': `Changes of ${name}; the table below has the numbers` },
    svg(
      'svg',
      { width: '100%', height, class: 'marks', 'aria-hidden': 'true' },
      ticks.map(({ at: tick, minor }) => [
        line(at(tick), at(tick), 4, height - 22, Math.abs(tick) < 1e-9 ? 'zero' : 'grid'),
        svg(
          'text',
          { x: `${at(tick)}%`, y: height - 6, 'text-anchor': 'middle', class: minor ? 'minor' : 'tick' },
          signedPercent(tick),
        ),
      ]),
      known.map((figure, index) => {
        const y = index * rowHeight + 20;
        const kind = kinds[figure.finding] ?? 'none';
        const between = betweenOf(figure);
        const [low, high] = between ? [between[0] ?? -Infinity, between[1] ?? Infinity] : [];
        return svg(
          'g',
          {},
          svg('title', {}, titleOf(figure)),
          svg('rect', { x: 0, y: y - rowHeight / 2, width: '100%', height: rowHeight, class: 'row' }),
          svg('text', { x: 0, y: y + 4 }, figureName(figure.figure)),
          between && line(at(low), at(high), y, y, `interval ${kind}`),
          between && low < from && placed(at(from), y, 'M-6 0L4 -5V5Z', `cut ${kind}`),
          between && high > to && placed(at(to), y, 'M6 0L-4 -5V5Z', `cut ${kind}`),
          figure.finding === 'too_few'
            ? svg('text', { x: `${at(0)}%`, ...fewBeside, y: y + 4, class: 'soft' }, 'n too small')
            : placed(at(figure.change), y, markerPath(shapes[kind], 5), `dot ${kind}`),
        );
      }),
    ),
    el(
      'p',
      { class: 'note' },
      'Change from before to after: ▲ better, ▼ worse, ● no change seen. ' +
        'The lines are intervals that hold all together with 95 % confidence; one that ends in an arrow goes on.',
    ),
  );
}
