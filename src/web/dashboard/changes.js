// Changes as marks on a common axis, each with its interval; the middle is no change.
import { svg, el } from '../shared/dom.js';
import { markerPath } from '../charts/markers.js';
import { interval, short } from '../shared/format.js';

const names = {
  'throughput.output_tokens_per_second': 'output of the server',
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
const left = 34; // per cent of the width for the names

/** Of the figures that decide the interval in which all of them are together; of the others its own. */
export const betweenOf = (figure) => (figure.finding === 'too_few' ? null : (figure.ci95_together ?? figure.ci95));

/** 298.828 of what. */
export const unitOf = (figure) =>
  figure.includes('_ms.') ? 'ms' : /tokens_per_second/.test(figure) ? 'tokens/s' : /requests_per_second/.test(figure) ? 'requests/s' : '';

const signed = (share) => `${share > 0 ? '+' : ''}${short(share * 100)} %`;

// What was found is told by the shape and not by the colour alone.
const shapes = { worse: 'down', better: 'triangle', none: 'circle' };
const words = { worse: 'worse', better: 'better', too_few: 'n too small' };

/** A path at a place across: its own coordinates begin there. */
const placed = (x, y, path, kind) =>
  svg('svg', { x: `${x}%`, y, overflow: 'visible' }, svg('path', { d: path, class: kind }));

function titleOf(figure) {
  const between = betweenOf(figure);
  const ends = between ? ` (95 %: ${interval(between, signed)})` : '';
  return `${figureName(figure.figure)}: ${signed(figure.change)}${ends}, ${words[figure.finding] ?? 'no change seen'}`;
}

export function changesChart(figures, name) {
  const known = figures.filter((figure) => typeof figure.change === 'number');
  if (known.length === 0) return null;
  const edges = known
    .flatMap((figure) => [figure.change, ...(betweenOf(figure) ?? [])])
    .filter((edge) => edge !== null)
    .map(Math.abs);
  const reach = Math.min(Math.max(0.02, ...edges) * 1.1, 3);
  const at = (share) => left + ((Math.max(-reach, Math.min(reach, share)) + reach) / (2 * reach)) * (100 - left - 2);
  const height = known.length * rowHeight + 30;
  const line = (x1, x2, y1, y2, kind) => svg('line', { x1: `${x1}%`, x2: `${x2}%`, y1, y2, class: kind });
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((one) => reach / one < 2.5) ?? 2;
  const each = Math.floor(reach / step);
  const ticks = [];
  for (let tick = -each; tick <= each; ++tick) ticks.push({ at: tick * step, minor: each > 1 && tick % 2 !== 0 });
  const kinds = { worse: 'worse', better: 'better' };
  return el(
    'figure',
    { class: 'chart changes', 'aria-label': `Changes of ${name}; the table below has the numbers` },
    svg(
      'svg',
      { width: '100%', height, 'aria-hidden': 'true' },
      ticks.map(({ at: tick, minor }) => [
        line(at(tick), at(tick), 4, height - 22, tick === 0 ? 'zero' : 'grid'),
        svg(
          'text',
          { x: `${at(tick)}%`, y: height - 6, 'text-anchor': 'middle', class: minor ? 'minor' : 'tick' },
          signed(tick),
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
          between && low < -reach && placed(at(-reach), y, 'M-14 0L-6 -5V5Z', `cut ${kind}`),
          between && high > reach && placed(at(reach), y, 'M14 0L6 -5V5Z', `cut ${kind}`),
          figure.finding === 'too_few'
            ? svg('text', { x: `${at(0)}%`, dx: 8, y: y + 4, class: 'soft' }, 'n too small')
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
