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

/**
 * Of points along an axis, in its order, what is drawn of each: 'alone' a marker and its rim; 'crowded', within a marker's
 * width of one neighbour, no rim, which would hide that; null, between two so near, nothing but the line.
 */
export function markersThatFit(places, width) {
  const near = places.map((at, index) => index > 0 && at - places[index - 1] < width);
  return places.map((_, index) => {
    const neighbours = Number(near[index]) + Number(near[index + 1] ?? false);
    return ['alone', 'crowded', null][neighbours];
  });
}

/** `behind`: the colour of the rim, which keeps neighbours apart; null: none. */
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
    context.fillStyle = colour;
    if (behind !== null) {
      context.strokeStyle = behind;
      context.stroke(path);
    }
    context.fill(path);
  }
  context.restore();
}
