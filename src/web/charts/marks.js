// Lines across a chart, with what they mean: a knee, an objective, the slots of a server.
import uPlot from 'uplot';
import { colour, faded, hueColour } from './palette.js';

/** mark: {x | y, label, hue?}; `row` keeps the labels of several apart. */
export function drawMark(u, mark, row) {
  const { ctx } = u;
  const ratio = uPlot.pxRatio;
  const across = mark.y !== undefined;
  const at = Math.round(u.valToPos(across ? mark.y : mark.x, across ? 'y' : 'x', true));
  const ink = mark.hue === undefined ? colour('--ink') : hueColour(mark.hue);
  const { left, top, width, height } = u.bbox;
  if (across ? at < top || at > top + height : at < left || at > left + width) return;
  ctx.save();
  ctx.strokeStyle = faded(ink, 0.7);
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  ctx.lineWidth = ratio;
  ctx.beginPath();
  if (across) {
    ctx.moveTo(left, at);
    ctx.lineTo(left + width, at);
  } else {
    ctx.moveTo(at, top);
    ctx.lineTo(at, top + height);
  }
  ctx.stroke();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  const wide = ctx.measureText(mark.label).width;
  const beside = across
    ? left + width - wide - 6 * ratio
    : at + 6 * ratio + wide > left + width
      ? at - 6 * ratio - wide
      : at + 6 * ratio;
  const line = across ? at - 6 * ratio : top + (12 + row * 15) * ratio;
  ctx.fillStyle = faded(colour('--panel'), 0.7);
  ctx.fillRect(beside - 3 * ratio, line - 10 * ratio, wide + 6 * ratio, 14 * ratio);
  ctx.fillStyle = ink;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.fillText(mark.label, beside, line);
  ctx.restore();
}
