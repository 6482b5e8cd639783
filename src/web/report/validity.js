// Whether the client was up to it: each bound, and how wrong this tool is on this host.
import { el } from '../shared/dom.js';
import { absent, count, exact, interval, short } from '../shared/format.js';
import { table } from '../shared/table.js';
import { unitOf } from './figures.js';
import { section, sentences } from './section.js';

const shown = (value) => (typeof value === 'number' ? { number: value } : { number: null, text: exact(null) });
const levelOf = (run, index) => {
  const level = run.levels?.[index];
  if (level === undefined) return '';
  return level.load?.kind === 'open'
    ? `${short(level.load.requested_rate)} requests/s`
    : count(level.concurrency, 'stream');
};
// Of several APIs at one load the API as well.
const placeOf = (run, index) => {
  const apis = new Set(run.levels.map((level) => level.target.api));
  return levelOf(run, index) + (apis.size > 1 ? `, ${run.levels[index]?.target.api}` : '');
};
const readable = (name) => name.replaceAll('_', ' ');

const yesOrNo = (yes) => el('span', { class: yes ? 'verdict-holds' : 'verdict-fails' }, yes ? '✓ yes' : '✕ no');

// As the block above the table says it, with its numbers.
const unknownBecause = {
  read_lag_p99_ms: 'too few reads for a p99',
  event_loop_lag_p99_ms: 'too few ticks for a p99',
  send_lag_p99_ms: 'too few sends for a p99',
  client_cpu_share: 'too short for a CPU share',
};
const isOpen = (run) => (run.levels ?? []).some(({ load }) => load?.kind === 'open');

/** A bound without a limit was switched off: nothing was held to it. Nor was one whose value is not known. */
function holdsCell(run, name, { value, limit, holds }) {
  if (limit === null) return 'off';
  if (value !== null || !holds) return yesOrNo(holds);
  // In a closed loop nothing was to be sent at a time.
  if (name === 'send_lag_p99_ms' && !isOpen(run)) return absent;
  const why = unknownBecause[name];
  return why ? `not known: ${why}` : 'not known';
}

function boundsTable(run) {
  const bounds = Object.entries(run.validity?.bounds ?? {});
  if (bounds.length === 0) return null;
  return table({
    caption: `${run.name}: bounds of a valid run`,
    columns: ['bound', { name: 'value', numeric: true }, { name: 'limit', numeric: true }, 'at', 'holds'],
    rows: bounds.map(([name, bound]) => {
      const { value, limit, level } = bound;
      return [
        readable(name),
        shown(value),
        shown(limit),
        level === null || level === undefined ? '' : placeOf(run, level),
        holdsCell(run, name, bound),
      ];
    }),
  });
}

function runBlock(data, text, run) {
  return el(
    'div',
    { class: 'block' },
    sentences(run.validity?.reasons, 'sentences notes'),
    text && el('pre', { class: 'validity', tabindex: 0, 'aria-label': `Validity of ${run.name}` }, text.join('\n')),
    boundsTable(run),
  );
}

// Of many runs (the cells of a sweep) a line each.
function runsTable(runs) {
  return table({
    caption: 'Runs behind this page',
    columns: ['run', 'valid', 'why not'],
    rows: runs.map((run) => [
      run.name,
      yesOrNo(run.validity?.valid),
      el('span', { class: 'said' }, (run.validity?.reasons ?? []).join(' ')),
    ]),
  });
}

// In the unit that the name of its figure has.
function thresholdValue({ threshold, value }) {
  const unit = unitOf(threshold);
  return typeof value === 'number' ? { number: value, text: `${exact(value)} ${unit}`.trim() } : shown(value);
}

function thresholds(data) {
  const rows = (data.runs ?? []).flatMap((run) => (run.thresholds ?? []).map((one) => ({ run, one })));
  if (rows.length === 0) return null;
  return table({
    caption: 'Thresholds',
    columns: [
      'threshold',
      'run',
      'load',
      { name: 'value', numeric: true },
      { name: '95 % interval', numeric: true },
      'verdict',
    ],
    rows: rows.map(({ run, one }) => [
      one.threshold,
      run.name,
      one.level === null ? 'the run' : placeOf(run, one.level),
      thresholdValue(one),
      interval(one.ci95),
      one.verdict,
    ]),
  });
}

export function validitySection(data) {
  const runs = data.runs ?? [];
  const single = (data.validity ?? []).map(({ run, text }) => runBlock(data, text, runs[run]));
  const others = runs.filter((_, index) => !(data.validity ?? []).some(({ run }) => run === index));
  return section(
    'Validity',
    single,
    others.length > 0 && runsTable(others),
    thresholds(data),
    runs.length > 0 &&
      el(
        'div',
        { class: 'block' },
        el('h3', {}, "The tool's own error on this host"),
        el(
          'p',
          {},
          data.own_error
            ? data.own_error.sentence
            : ['Not measured on this host: ', el('code', {}, 'lmstress selfcheck'), ' measures it.'],
        ),
      ),
  );
}
