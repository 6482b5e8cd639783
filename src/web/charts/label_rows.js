// Labels beside upright lines, in rows: which row each stands in, and where.

const besideLine = 5;
const between = 10; // labels in one row

/**
 * Where labels of {at, width} stand between `least` and `most`: each with {from, to, row}, row 0 being the one next to
 * the plot. Two in one row do not touch. A line ends at the row of its label, so that of two that are near, the left
 * one's label is the higher one: the line of the right one ends below it.
 */
export function labelRows(labels, least, most) {
  const placed = [];
  for (const one of [...labels].sort((a, b) => b.at - a.at)) {
    const right = one.at + besideLine;
    const from = right + one.width <= most ? right : Math.max(least, one.at - besideLine - one.width);
    const to = from + one.width;
    const crossing = placed.filter(({ at }) => at > from && at < to).map(({ row }) => row);
    let row = Math.max(-1, ...crossing) + 1;
    const touches = (other) => other.row === row && from < other.to + between && to + between > other.from;
    while (placed.some(touches)) ++row;
    placed.push({ ...one, from, to, row });
  }
  return placed;
}
