// Lines across a chart, with what they mean: a knee, an objective, the slots of a server.
// Upright ones have their words above the plot, where no point can lie.
import uPlot from 'uplot';
import { labelRows } from './label_rows.js';
import { colour, faded, hueColour } from './palette.js';
import { undirected } from '../shared/dom.js';

const font = () => `${11 * uPlot.pxRatio}px system-ui, sans-serif`;
const rowHeight = 14;
const widest = 220; // of a label

const inkOf = ({ hue }) => (hue === undefined ? colour('--ink') : hueColour(hue));

function widthOf(u, text) {
  u.ctx.save();
  u.ctx.font = font();
  const { width } = u.ctx.measureText(text);
  u.ctx.restore();
  return width / uPlot.pxRatio;
}

/** Of a label that is too wide the name of its run gives way, from its end on. */
function fitted(u, { of, label }, room) {
  if (!of) return label;
  for (let length = of.length; length > 3; --length) {
    const text = `${length < of.length ? `${of.slice(0, length)}…` : of}: ${label}`;
    if (widthOf(u, text) <= room) return text;
  }
  return label;
}

function placedMarks(u, marks) {
  const left = u.bbox.left / uPlot.pxRatio;
  const width = u.bbox.width / uPlot.pxRatio;
  const labels = marks
    .filter((mark) => mark.x !== undefined)
    .map((mark) => {
      const text = fitted(u, mark, Math.min(widest, width));
      return { mark, text, at: left + u.valToPos(mark.x, 'x'), width: widthOf(u, text) };
    })
    .filter(({ at }) => at >= left && at <= left + width);
  return labelRows(labels, left, u.width);
}

/** By how much a chart with them is taller than others, so that the plot keeps its height. */
export const moreHeight = (marks) => rowHeight * Math.max(0, marks.filter(({ x }) => x !== undefined).length - 3);

/** How much is above the plot: room for the words of upright marks. For uPlot's `padding`. */
export const roomAbove = (marks) => (u, _side, _axes, cycle) => {
  if (cycle === 0 || u.bbox.width <= 0) return 14;
  const rows = placedMarks(u, marks).map(({ row }) => row + 1);
  return Math.max(14, rowHeight * Math.max(0, ...rows) + 6);
};

function dashedLine({ ctx }, ink, from, to) {
  ctx.strokeStyle = faded(ink, 0.7);
  ctx.setLineDash([5 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
  ctx.lineWidth = uPlot.pxRatio;
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}

function drawUpright(u, marks) {
  const { ctx } = u;
  const ratio = uPlot.pxRatio;
  const placed = placedMarks(u, marks);
  const bottom = u.bbox.top + u.bbox.height;
  const topOf = (row) => u.bbox.top - (row + 1) * rowHeight * ratio - 2 * ratio;
  for (const { mark, at, row } of placed)
    // from below, so that the dashes of two at one place are the same
    dashedLine(u, inkOf(mark), [Math.round(at * ratio), bottom], [Math.round(at * ratio), topOf(row)]);
  for (const { mark, text, from, width, row } of placed) {
    ctx.fillStyle = colour('--panel');
    ctx.fillRect((from - 2) * ratio, topOf(row), (width + 4) * ratio, rowHeight * ratio);
    ctx.fillStyle = inkOf(mark);
    ctx.fillText(undirected(text), from * ratio, topOf(row) + 11 * ratio);
  }
}

const pointsOf = (u) => {
  const [xs, ...ys] = u.data;
  const places = (values) =>
    values.flatMap((y, i) =>
      typeof y === 'number' ? [[u.valToPos(xs[i], 'x', true), u.valToPos(y, 'y', true)]] : [],
    );
  return ys.filter((_, series) => u.series[series + 1].show).flatMap(places);
};

/** Of the places beside a line from left to right the first that covers the fewest points. */
function placeAcross(u, at, wide) {
  const ratio = uPlot.pxRatio;
  const points = pointsOf(u);
  const right = u.bbox.left + u.bbox.width - wide - 6 * ratio;
  const places = [at - 6 * ratio, at + 13 * ratio].flatMap((line) =>
    [right, u.bbox.left + 6 * ratio].map((beside) => ({ beside, line })),
  );
  const near = 5 * ratio;
  const covered = ({ beside, line }) =>
    points.filter(
      ([x, y]) =>
        x > beside - near && x < beside + wide + near && y > line - 10 * ratio - near && y < line + 3 * ratio + near,
    ).length;
  return places.reduce((best, place) => (covered(place) < covered(best) ? place : best));
}

function drawAcross(u, mark) {
  const { ctx } = u;
  const ratio = uPlot.pxRatio;
  const { left, top, width, height } = u.bbox;
  const at = Math.round(u.valToPos(mark.y, 'y', true));
  if (at < top || at > top + height) return;
  dashedLine(u, inkOf(mark), [left, at], [left + width, at]);
  const text = fitted(u, mark, width / ratio);
  const wide = widthOf(u, text) * ratio;
  const { beside, line } = placeAcross(u, at, wide);
  ctx.fillStyle = faded(colour('--panel'), 0.7);
  ctx.fillRect(beside - 3 * ratio, line - 10 * ratio, wide + 6 * ratio, 14 * ratio);
  ctx.fillStyle = inkOf(mark);
  ctx.fillText(undirected(text), beside, line);
}

/** marks: [{x | y, label, of?, hue?}]; `of` is whose it is, where several are shown. */
export function drawMarks(u, marks) {
  const { ctx } = u;
  ctx.save();
  ctx.font = font();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  for (const mark of marks) if (mark.y !== undefined) drawAcross(u, mark);
  drawUpright(u, marks);
  ctx.restore();
}
