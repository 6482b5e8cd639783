// A run in a table, the same in all of them.
import { el } from '../shared/dom.js';
import { absent, count, moment, quantity } from '../shared/format.js';
import { signed, worthOf } from '../shared/worth.js';
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

/** Of a row without a state what its exit code says. */
function stateByExitCode(run) {
  if (run.exit_code === null) return 'cut_short';
  if (!run.valid) return 'not_valid';
  if (run.exit_code === 4) return run.requests?.failed > 0 ? 'too_many_failed' : 'threshold_failed';
  return { 3: 'not_measured', 6: 'undecided', 130: 'cut_short' }[run.exit_code] ?? 'measured';
}

export const stateOfRow = (run) => run.state ?? stateByExitCode(run);

const verdicts = { good: 'verdict-holds', unsure: 'verdict-undecided', bad: 'verdict-fails' };
export function worth(state, exitCode) {
  const { kind, sign, text } = worthOf(state, exitCode);
  return el('span', { class: verdicts[kind] }, signed(sign, text));
}

/** What a run is worth: that every bound holds says little of one that was killed or whose requests failed. */
export const stateOf = (run) => worth(stateOfRow(run), run.exit_code);

export const runLink = (run) => el('a', { href: `#/runs/${run.id}` }, `${run.id}`);

const loadOf = (run) => {
  if (run.speed_streams) return count(run.speed_streams, 'stream');
  return run.speed_rate ? quantity(run.speed_rate, 'requests/s') : absent;
};

const bare = (value, few = false) => figure(value, '', few);

/** In brackets where n is too small for an interval, as far as the row says so. */
export const figure = (value, unit, few = false) => ({
  number: value ?? null,
  text: inBrackets(quantity(value, unit), few ? [null, null] : undefined),
});

// With their units in the heads all of them fit into a window of 1280 pixels.
export const runColumns = [
  { name: 'run', class: 'run' },
  { name: 'state', class: 'state' },
  { name: 'when', class: 'moment' },
  { name: 'model', class: 'model' },
  { name: 'setting', class: 'of-server' },
  { name: 'output, tokens/s', numeric: true },
  { name: 'load', class: 'load' },
  { name: 'TTFT p95, ms', numeric: true },
  { name: 'ITL p50, ms', numeric: true },
  { name: 'requests', numeric: true },
  { name: 'tags', class: 'tags' },
];

export const tag = (text) => el('span', { class: 'tag' }, text);

/** What a run of that kind is part of. */
export const wholeNames = { sweep: 'a sweep', capacity: 'a capacity search', compare: 'a comparison' };

/** What it was part of: one word of ours, which stays whole. */
export const kindTag = (kind) => el('span', { class: 'tag kind' }, kind);

/** The figures of a row, in the units of their columns. */
export const figuresOf = (run) => ({
  speed: bare(run.speed),
  load: loadOf(run),
  ttft: bare(run.ttft_p95_ms, run.ttft_p95_few),
  itl: bare(run.itl_p50_ms, run.itl_p50_few),
});

export function runCells(run) {
  const { speed, load, ttft, itl } = figuresOf(run);
  return [
    runLink(run),
    stateOf(run),
    moment(run.started_unix_ms),
    breakable(modelOf(run)),
    settingOf(run),
    speed,
    load,
    ttft,
    itl,
    { number: run.requests?.offered ?? null, text: requestsOf(run.requests) },
    [run.kind !== 'run' && kindTag(run.kind), (run.tags ?? []).map(tag)],
  ];
}

/** Of a name like owner/model-4b-instruct, which a narrow column breaks where it has parts. */
export const breakable = (name) =>
  (name.match(/[^/@:]+[/@:]*|[/@:]+/g) ?? []).flatMap((part, index) => (index === 0 ? [part] : [el('wbr'), part]));

export const requestsOf = (requests) => {
  if (!requests) return absent;
  return requests.failed > 0 ? `${requests.offered}, ${requests.failed} failed` : String(requests.offered);
};
