// A run in a table, the same in all of them.
import { el } from '../shared/dom.js';
import { absent, count, moment, quantity } from '../shared/format.js';
import { inBrackets } from '../report/figures.js';

export const settingOf = (run) =>
  [
    run.parallel === null ? null : `parallel ${run.parallel}`,
    run.unified_kv === null ? null : `unified KV ${run.unified_kv ? 'on' : 'off'}`,
    run.context_length === null || run.context_length === undefined ? null : `context ${run.context_length}`,
  ]
    .filter(Boolean)
    .join(', ') || absent;

export const modelOf = (run) => [run.model, run.quantization].filter(Boolean).join(', ') || absent;

const exits = {
  0: 'it ended as it should',
  2: 'something was wrong with what was asked for (exit code 2)',
  3: 'the server could not be measured (exit code 3)',
  4: 'too many requests failed, or a threshold did not hold (exit code 4)',
  5: 'the figures are not valid, or a setting was not in force (exit code 5)',
  6: 'a threshold is undecided (exit code 6)',
  130: 'it was stopped (exit code 130)',
  137: 'it was killed (exit code 137)',
};
/** An exit code in words, as docs/exit-codes.md has them. */
export const exitWords = (code) => exits[code] ?? `exit code ${code}`;

const worth = {
  measured: ['holds', '✓ valid'],
  undecided: ['undecided', '? undecided, valid'],
  too_many_failed: ['fails', '✕ requests failed'],
  threshold_failed: ['fails', '✕ threshold failed'],
  stopped: ['undecided', '! stopped, valid so far'],
  cut_off: ['fails', '✕ cut off'],
  cut_short: ['fails', '✕ ended early'],
  not_valid: ['fails', '✕ not valid'],
  not_measured: ['fails', '✕ not measured'],
};

/** Of a row without a state what its exit code says. */
function stateByExitCode(run) {
  if (run.exit_code === null) return 'cut_short';
  if (!run.valid) return 'not_valid';
  if (run.exit_code === 4) return run.requests?.failed > 0 ? 'too_many_failed' : 'threshold_failed';
  return { 3: 'not_measured', 6: 'undecided', 130: 'cut_short' }[run.exit_code] ?? 'measured';
}

/** What a run is worth: that every bound holds says little of one that was cut off or whose requests failed. */
export function stateOf(run) {
  const state = run.state ?? stateByExitCode(run);
  const ended = { null: 'cut_off', 130: 'stopped' }[run.exit_code];
  const [verdict, text] = worth[(state === 'cut_short' && ended) || state] ?? ['undecided', state];
  return el('span', { class: `verdict-${verdict}` }, text);
}

export const runLink = (run) => el('a', { href: `#/runs/${run.id}` }, `${run.id}`);

const loadOf = (run) => {
  if (run.speed_streams) return count(run.speed_streams, 'stream');
  return run.speed_rate ? quantity(run.speed_rate, 'requests/s') : absent;
};

/** In brackets where n is too small for an interval, as far as the row says so. */
export const figure = (value, unit, few = false) => ({
  number: value ?? null,
  text: inBrackets(quantity(value, unit), few ? [null, null] : undefined),
});

export const runColumns = [
  { name: 'run', class: 'narrow' },
  'state',
  { name: 'when', class: 'when' },
  'model',
  { name: 'setting', class: 'setting' },
  { name: 'speed', numeric: true },
  { name: 'load', class: 'when' },
  { name: 'TTFT p95', numeric: true },
  { name: 'ITL p50', numeric: true },
  { name: 'requests', numeric: true },
  'tags',
];

export const runCells = (run) => [
  runLink(run),
  stateOf(run),
  moment(run.started_unix_ms),
  modelOf(run),
  settingOf(run),
  figure(run.speed, 'tokens/s'),
  loadOf(run),
  figure(run.ttft_p95_ms, 'ms', run.ttft_p95_few),
  figure(run.itl_p50_ms, 'ms', run.itl_p50_few),
  { number: run.requests?.offered ?? null, text: requestsOf(run.requests) },
  [run.kind !== 'run' && el('span', { class: 'tag' }, run.kind), (run.tags ?? []).map((tag) => el('span', { class: 'tag' }, tag))],
];

const requestsOf = (requests) => {
  if (!requests) return absent;
  return requests.failed > 0 ? `${requests.offered}, ${requests.failed} failed` : String(requests.offered);
};
