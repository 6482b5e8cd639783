// What figures of a series are called, and what is known of where they lie.

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
