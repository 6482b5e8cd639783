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
    if (typeof y !== 'number' || (low === undefined && high === undefined)) continue;
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

/** A value that is known to lie beyond what was seen: an arrow that points up from there. */
export function drawBeyond(u, line, lineColour) {
  const { ctx } = u;
  const unit = 4 * uPlot.pxRatio;
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = lineColour;
  ctx.lineWidth = 2 * uPlot.pxRatio;
  for (const { x, beyond } of line.points.filter((point) => typeof point.beyond === 'number')) {
    const at = u.valToPos(x, 'x', true);
    const from = u.valToPos(beyond, 'y', true);
    const to = Math.max(u.bbox.top + unit, from - 6 * unit);
    ctx.beginPath();
    ctx.moveTo(at - unit, from);
    ctx.lineTo(at + unit, from);
    ctx.moveTo(at, from);
    ctx.lineTo(at, to);
    ctx.moveTo(at - unit, to + unit * 1.4);
    ctx.lineTo(at, to);
    ctx.lineTo(at + unit, to + unit * 1.4);
    ctx.stroke();
  }
  ctx.restore();
}

/** What stands for it in a legend. */
export function beyondSample() {
  const sample = lineSample({ hue: 'none', dash: [], marker: null }, { line: false });
  sample.append(
    svg('path', { d: 'M13 13H21M17 13V2M13 6L17 2L21 6', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }),
  );
  return sample;
}

/** What stands for them in a legend. */
export function whiskerSample() {
  const sample = lineSample({ hue: 'none', dash: [], marker: null }, { line: false });
  sample.append(svg('path', { d: 'M17 1V13M13 1H21M13 13H21', stroke: 'currentColor', 'stroke-width': 1.5 }));
  return sample;
}
