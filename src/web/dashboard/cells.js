// A run in a table, the same in all of them.
import { el } from '../shared/dom.js';
import { absent, moment, quantity } from '../shared/format.js';

export const settingOf = (run) =>
  [
    run.parallel === null ? null : `parallel ${run.parallel}`,
    run.unified_kv === null ? null : `unified KV ${run.unified_kv ? 'on' : 'off'}`,
    run.context_length === null || run.context_length === undefined ? null : `context ${run.context_length}`,
  ]
    .filter(Boolean)
    .join(', ') || absent;

export const modelOf = (run) => [run.model, run.quantization].filter(Boolean).join(', ') || absent;

export const stateOf = (run) =>
  run.valid ? el('span', { class: 'verdict-holds' }, '✓ valid') : el('span', { class: 'verdict-fails' }, '✕ not valid');

export const runLink = (run) => el('a', { href: `#/runs/${run.id}` }, moment(run.started_unix_ms));

export const figure = (value, unit) => ({ number: value ?? null, text: quantity(value, unit) });

export const runColumns = [
  'when',
  'model',
  { name: 'setting', class: 'setting' },
  { name: 'speed', numeric: true },
  { name: 'streams', numeric: true },
  { name: 'TTFT p95', numeric: true },
  { name: 'ITL p50', numeric: true },
  { name: 'requests', numeric: true },
  'state',
  'tags',
];

export const runCells = (run) => [
  runLink(run),
  modelOf(run),
  settingOf(run),
  figure(run.speed, 'tokens/s'),
  { number: run.speed_streams },
  figure(run.ttft_p95_ms, 'ms'),
  figure(run.itl_p50_ms, 'ms'),
  { number: run.requests?.offered ?? null, text: requestsOf(run.requests) },
  stateOf(run),
  (run.tags ?? []).map((tag) => el('span', { class: 'tag' }, tag)),
];

const requestsOf = (requests) => {
  if (!requests) return absent;
  return requests.failed > 0 ? `${requests.offered}, ${requests.failed} failed` : String(requests.offered);
};
