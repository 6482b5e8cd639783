// What figures of a series are called, and what is known of where they lie.
import { absent, exact } from '../shared/format.js';

/** The name of a figure: of an open loop, with what its latencies count from. */
export const figureName = (data, key, series) => {
  const { name } = data.figures[key];
  const fromArrival = series?.latencies_from === 'arrival' && /^(ttft|e2e)_/.test(key);
  return fromArrival ? name.replace(/ (p\d+)$/, ' from the arrival $1') : name;
};

/**
 * Both ends of a figure's 95 % interval, null for one that is not known because n is too small; undefined for a figure
 * that has no interval by its nature, such as the throughput of one run.
 */
export function endsOf(data, point, key) {
  const figure = point.figures[key];
  if (figure?.value === null || figure?.value === undefined) return undefined;
  if (figure.ci95) return figure.ci95;
  return data.figures[key].has_interval && point.levels?.length === 1 ? [null, null] : undefined;
}

/** Whether n is too small for its interval: such a figure stands in brackets, as on the terminal. */
export const tooFew = (ends) => ends !== undefined && ends.some((end) => end === null);

export const inBrackets = (text, ends) => (tooFew(ends) ? `(${text})` : text);
export const bracketsNote = 'in brackets: n too small for a 95 % interval';

/** A figure of a point as a cell of a table, without its interval. */
export function figureCell(data, point, key) {
  const figure = point.figures[key];
  if (!figure) return { number: null, text: absent };
  if (figure.beyond !== undefined) return { number: null, text: `> ${exact(figure.beyond)}` };
  return { number: figure.value, text: inBrackets(exact(figure.value), endsOf(data, point, key)) };
}

/** Of these cells, whether one stands in brackets. */
export const anyInBrackets = (cells) => cells.some((cell) => /^\(.*\)$/.test(cell?.text ?? ''));

/** The unit of a figure by its name in summary.json, which may have more behind it: "ttft_ms.p95 < 300". */
export function unitOf(figure) {
  if (/_ms\b/.test(figure)) return 'ms';
  if (/tokens_per_second/.test(figure)) return 'tokens/s';
  return /requests_per_second/.test(figure) ? 'requests/s' : '';
}
