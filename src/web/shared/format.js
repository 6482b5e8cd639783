// Numbers as people read them. What is not known is a dash, never a zero.

export const absent = '–';

// What is rounded to 0 has no sign.
const grouped = (value, decimals) =>
  value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: decimals }).replace(/^-0$/, '0');

const known = (value) => typeof value === 'number' && Number.isFinite(value);

/** About three digits that matter: 0.0123, 4.57, 45.7, 457, 4,570. */
export function short(value) {
  if (!known(value)) return absent;
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return grouped(value, 0);
  if (size >= 10) return grouped(value, 1);
  if (size >= 1) return grouped(value, 2);
  return grouped(value, Math.min(6, 2 - Math.floor(Math.log10(size))));
}

/** For tables: to a thousandth, which of milliseconds is a microsecond. */
export const exact = (value) => (known(value) ? grouped(value, 3) : absent);

// Milliseconds from a second on are said in seconds.
const said = (value, unit) =>
  unit === 'ms' && Math.abs(value) >= 1000 ? { unit: 's', factor: 1e-3 } : { unit, factor: 1 };

export function quantity(value, unit) {
  if (!known(value)) return absent;
  const shown = said(value, unit);
  return shown.unit ? `${short(value * shown.factor)} ${shown.unit}` : short(value);
}

/** The 95 % interval in words, or '' where there is none. */
export function interval(ci95, show = short) {
  if (!Array.isArray(ci95) || (ci95[0] === null && ci95[1] === null)) return '';
  if (ci95[0] === null) return `up to ${show(ci95[1])}`;
  if (ci95[1] === null) return `from ${show(ci95[0])}`;
  return `${show(ci95[0])} to ${show(ci95[1])}`;
}

/** The same with its unit, which is the one that `value` is said in; without one of the column it stands in, `bare`. */
export function intervalAround(value, ci95, unit, bare = false) {
  const shown = said(known(value) ? value : 0, unit);
  const text = interval(ci95, (edge) => short(edge * shown.factor));
  // "tokens/s (p50)": what stands in brackets was said with the value
  return text && shown.unit && !bare ? `${text} ${shown.unit.replace(/ \(.*\)$/, '')}` : text;
}

export const percent = (share) => (known(share) ? `${short(share * 100)} %` : absent);

/** A change: +12.5 %, -3 %, 0 %; to a hundredth at the finest. '' where it is not known. */
export function signedPercent(share) {
  if (!known(share)) return '';
  const parts = Math.abs(share) < 0.01 ? grouped(share * 100, 2) : short(share * 100);
  return `${share > 0 && parts !== '0' ? '+' : ''}${parts} %`;
}

/** A number and its sign or unit stay on one line. */
export const together = (text) => text.replaceAll(/(\d) (%|m?s\b)/g, '$1\u00a0$2');

export const count = (number, one, many = `${one}s`) =>
  known(number) ? `${grouped(number, 0)} ${number === 1 ? one : many}` : absent;

/** A duration in seconds: 0.4 s, 12.5 s, 3 min 20 s. */
export function duration(seconds) {
  if (!known(seconds)) return absent;
  if (seconds < 120) return `${short(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const two = (number) => String(number).padStart(2, '0');

/** 2026-11-29 21:40 UTC, as the terminal and the report have it. */
export function moment(unixMs) {
  if (!known(unixMs)) return absent;
  const at = new Date(unixMs);
  const day = `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}\u00a0UTC`;
}

/** Of files and memory: 84.1 MB, 2.5 GB. */
export const bytes = (number) => {
  if (!known(number)) return absent;
  return number < 1e9 ? `${short(number / 1e6)} MB` : `${short(number / 1e9)} GB`;
};
