// The shapes on the points of a line, as a path for a canvas and for an SVG alike.

const paths = {
  circle: (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  square: (r) => `M${-r * 0.9} ${-r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}Z`,
  triangle: (r) => `M0 ${-r * 1.2}L${r * 1.15} ${r * 0.85}H${-r * 1.15}Z`,
  diamond: (r) => `M0 ${-r * 1.3}L${r * 1.15} 0L0 ${r * 1.3}L${-r * 1.15} 0Z`,
  down: (r) => `M0 ${r * 1.2}L${r * 1.15} ${-r * 0.85}H${-r * 1.15}Z`,
  cross: (r) => `M${-r} ${-r}L${r} ${r}M${r} ${-r}L${-r} ${r}`,
  plus: (r) => `M0 ${-r * 1.2}V${r * 1.2}M${-r * 1.2} 0H${r * 1.2}`,
};
const open = new Set(['cross', 'plus']);

export const markerPath = (marker, radius) => paths[marker](radius);
export const isOpen = (marker) => open.has(marker);

export function drawMarker(context, marker, x, y, radius, colour, behind) {
  context.save();
  context.translate(x, y);
  context.setLineDash([]);
  const path = new Path2D(markerPath(marker, radius));
  context.lineWidth = radius * 0.5;
  if (open.has(marker)) {
    context.strokeStyle = colour;
    context.stroke(path);
  } else {
    // a rim in the colour of the ground keeps neighbours apart
    context.strokeStyle = behind;
    context.fillStyle = colour;
    context.stroke(path);
    context.fill(path);
  }
  context.restore();
}
