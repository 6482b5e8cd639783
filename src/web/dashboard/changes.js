// Changes as dots on a common axis, each with its interval; the middle is no change.
import { svg, el } from '../shared/dom.js';
import { short } from '../shared/format.js';

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

export function changesChart(figures, name) {
  const known = figures.filter((figure) => typeof figure.change === 'number');
  if (known.length === 0) return null;
  const edges = known.flatMap((figure) => [figure.change, ...(betweenOf(figure) ?? [])]).map(Math.abs);
  const reach = Math.min(Math.max(0.02, ...edges) * 1.1, 3);
  const at = (share) => left + ((Math.max(-reach, Math.min(reach, share)) + reach) / (2 * reach)) * (100 - left - 2);
  const height = known.length * rowHeight + 30;
  const line = (x1, x2, y1, y2, kind) => svg('line', { x1: `${x1}%`, x2: `${x2}%`, y1, y2, class: kind });
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((one) => reach / one < 2.5) ?? 1;
  const ticks = [];
  for (let tick = -Math.floor(reach / step); tick <= reach / step; ++tick) ticks.push(tick * step);
  const kinds = { worse: 'worse', better: 'better' };
  return el(
    'figure',
    { class: 'chart changes', 'aria-label': `Changes of ${name}; the table below has the numbers` },
    svg(
      'svg',
      { width: '100%', height, 'aria-hidden': 'true' },
      ticks.map((tick) => [
        line(at(tick), at(tick), 4, height - 22, tick === 0 ? 'zero' : 'grid'),
        svg(
          'text',
          { x: `${at(tick)}%`, y: height - 6, 'text-anchor': 'middle' },
          `${tick > 0 ? '+' : ''}${short(tick * 100)} %`,
        ),
      ]),
      known.map((figure, index) => {
        const y = index * rowHeight + 20;
        const kind = kinds[figure.finding] ?? 'none';
        const between = betweenOf(figure);
        return [
          svg('text', { x: 0, y: y + 4 }, figureName(figure.figure)),
          between && line(at(between[0]), at(between[1]), y, y, `interval ${kind}`),
          figure.finding === 'too_few'
            ? svg('text', { x: `${at(0)}%`, dx: 8, y: y + 4, class: 'soft' }, 'n too small')
            : svg('circle', { cx: `${at(figure.change)}%`, cy: y, r: 5, class: kind }),
        ];
      }),
    ),
    el('p', { class: 'note' }, 'Change from before to after. The lines are intervals that hold all together with 95 % confidence.'),
  );
}
