// A run in a table, the same in all of them.
import { el } from '../shared/dom.js';
import { absent, count, moment, quantity } from '../shared/format.js';

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

const fails = (text) => el('span', { class: 'verdict-fails' }, `✕ ${text}`);

/** What a run is worth: that every bound holds says little of one that was cut off or whose requests failed. */
export function stateOf(run) {
  if (run.exit_code === null) return fails('cut off');
  if (!run.valid) return fails('not valid');
  if (run.exit_code === 130) return el('span', { class: 'verdict-undecided' }, '! stopped, valid so far');
  if (run.exit_code === 3) return fails('not measured');
  if (run.exit_code === 4) return fails(run.requests?.failed > 0 ? 'requests failed' : 'threshold failed');
  if (run.exit_code === 6) return el('span', { class: 'verdict-undecided' }, '? undecided, valid');
  return el('span', { class: 'verdict-holds' }, '✓ valid');
}

export const runLink = (run) => el('a', { href: `#/runs/${run.id}` }, `${run.id}`);

const loadOf = (run) => {
  if (run.speed_streams) return count(run.speed_streams, 'stream');
  return run.speed_rate ? quantity(run.speed_rate, 'requests/s') : absent;
};

export const figure = (value, unit) => ({ number: value ?? null, text: quantity(value, unit) });

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
  figure(run.ttft_p95_ms, 'ms'),
  figure(run.itl_p50_ms, 'ms'),
  { number: run.requests?.offered ?? null, text: requestsOf(run.requests) },
  [run.kind !== 'run' && el('span', { class: 'tag' }, run.kind), (run.tags ?? []).map((tag) => el('span', { class: 'tag' }, tag))],
];

const requestsOf = (requests) => {
  if (!requests) return absent;
  return requests.failed > 0 ? `${requests.offered}, ${requests.failed} failed` : String(requests.offered);
};
