// Intervals as whiskers on the points of a line.
import uPlot from 'uplot';
import { svg } from '../shared/dom.js';
import { lineSample } from './legend.js';
import { faded } from './palette.js';

export function drawWhiskers(u, line, lineColour) {
  const { ctx } = u;
  const cap = 4 * uPlot.pxRatio;
  const [topmost, lowest] = [u.bbox.top, u.bbox.top + u.bbox.height];
  const within = (y) => Math.min(lowest, Math.max(topmost, y));
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = faded(lineColour, 0.75);
  ctx.lineWidth = 1.4 * uPlot.pxRatio;
  for (const { x, y, low, high } of line.points) {
    if (typeof y !== 'number' || (typeof low !== 'number' && typeof high !== 'number')) continue;
    const at = u.valToPos(x, 'x', true);
    const middle = u.valToPos(y, 'y', true);
    // a bound that is not known is an arrow
    const from = within(typeof low === 'number' ? u.valToPos(low, 'y', true) : middle + 4 * cap);
    const to = within(typeof high === 'number' ? u.valToPos(high, 'y', true) : middle - 4 * cap);
    ctx.beginPath();
    ctx.moveTo(at, from);
    ctx.lineTo(at, to);
    for (const [value, end, back] of [
      [low, from, -cap],
      [high, to, cap],
    ]) {
      const arrow = typeof value !== 'number' || end === topmost || end === lowest ? back : 0;
      ctx.moveTo(at - cap, end + arrow);
      ctx.lineTo(at, end);
      ctx.lineTo(at + cap, end + arrow);
    }
    ctx.stroke();
  }
  ctx.restore();
}

/** What stands for them in a legend. */
export function whiskerSample() {
  const sample = lineSample({ hue: 'none', dash: [], marker: null }, { line: false });
  sample.append(svg('path', { d: 'M17 1V13M13 1H21M13 13H21', stroke: 'currentColor', 'stroke-width': 1.5 }));
  return sample;
}
