// Runs in a table, newest first. Those of a sweep, a capacity search or a comparison are one row, which opens to show
// them.
import { el, uniqueId } from '../shared/dom.js';
import { moment } from '../shared/format.js';
import { table } from '../shared/table.js';
import { gravest } from '../shared/worth.js';
import {
  breakable,
  figuresOf,
  kindTag,
  modelOf,
  requestsOf,
  runCells,
  runColumns,
  settingOf,
  stateOfRow,
  tag,
  wholeNames,
  worth,
} from './cells.js';

/** In the order of their newest: [{key, runs, folded}]. */
export function groupsOf(runs) {
  const groups = new Map();
  for (const run of runs) {
    const folded = run.kind !== 'run' && Boolean(run.group);
    const key = folded ? `${run.kind} ${run.group}` : `run ${run.id}`;
    if (!groups.has(key)) groups.set(key, { key, runs: [], folded });
    groups.get(key).runs.push(run);
  }
  return [...groups.values()];
}

// Of a search: loads that fail are what it looks for.
const lookedFor = ['undecided', 'too_many_failed', 'threshold_failed', 'not_measured'];
function gravestOf({ runs }) {
  const states = runs.map(stateOfRow);
  if (runs[0].kind !== 'capacity') return gravest(states);
  if (states.every((state) => state === 'not_measured')) return 'not_measured';
  return gravest(states.filter((state) => !lookedFor.includes(state)));
}

const wholeOf = ({ runs }) => runs[0].whole ?? undefined;

// Of one that goes on, or that did not live to say it, the history knows the parts and not what became of the whole, which
// may have failed with nothing against any of them: so nothing here is good.
function stateOfGroup(group) {
  const whole = wholeOf(group);
  if (whole) return worth(whole.state);
  const { runs } = group;
  const state = gravestOf(group);
  if (state !== 'measured') return worth(state, runs.length === 1 ? runs[0].exit_code : undefined);
  if (runs.some((run) => stateOfRow(run) === 'not_measured')) return 'valid where measured';
  return runs.length === 1 ? 'its part is valid' : 'its parts are valid';
}

/** What all of them have, or how many different ones there are. */
function common(values, many) {
  const different = [...new Set(values)];
  return different.length === 1 ? different[0] : `${different.length} ${many}`;
}

function fastest(runs) {
  const valid = runs.filter((run) => run.valid);
  return (valid.length > 0 ? valid : runs).reduce((best, run) => ((run.speed ?? 0) > (best.speed ?? 0) ? run : best));
}

/** What all of them have; or how many settings there are, and what the fastest has that others do not. */
function settingsOf(runs, best) {
  const parts = runs.map((run) => settingOf(run).split(', '));
  const own = settingOf(best)
    .split(', ')
    .filter((part) => !parts.every((others) => others.includes(part)));
  return [common(runs.map(settingOf), 'settings'), own.length > 0 && el('small', {}, own.join(', '))];
}

function requestsOfAll(runs) {
  const sum = (key) => runs.reduce((all, { requests }) => all + (requests?.[key] ?? 0), 0);
  return { number: sum('offered'), text: requestsOf({ offered: sum('offered'), failed: sum('failed') }) };
}

function groupCells(group, button) {
  const { runs } = group;
  const best = fastest(runs);
  const { speed, load, ttft, itl } = figuresOf(best);
  const tags = [...new Set(runs.flatMap((run) => run.tags ?? []))];
  return [
    button,
    stateOfGroup(group),
    moment(Math.min(...runs.map((run) => run.started_unix_ms))),
    breakable(common(runs.map(modelOf), 'models')),
    settingsOf(runs, best),
    speed,
    [load, runs.length > 1 && el('small', {}, 'the fastest')],
    ttft,
    itl,
    requestsOfAll(runs),
    [kindTag(runs[0].kind), tags.map(tag)],
  ];
}

/** What it says, in a line of its own below the row. */
function answerOf(group) {
  const answer = wholeOf(group)?.answer;
  return answer ? [{ across: el('div', {}, answer), class: 'answer' }] : [];
}

const partNames = { sweep: 'cell', capacity: 'step', compare: 'run' };

/** A control that shows and hides those rows. */
function foldButton({ runs, isWhole, found }, ids, open, toggled) {
  const [{ kind }] = runs;
  const one = partNames[kind];
  const number = `${runs.length}${isWhole ? '' : '+'} ${one}${runs.length === 1 ? '' : 's'}${found ? ' found' : ''}`;
  const button = el(
    'button',
    { type: 'button', class: 'fold', 'aria-expanded': String(open), 'aria-controls': ids.join(' ') },
    number,
    el('span', { class: 'visually-hidden' }, ` of ${wholeNames[kind]}`),
  );
  button.addEventListener('click', () => {
    const now = button.getAttribute('aria-expanded') !== 'true';
    button.setAttribute('aria-expanded', String(now));
    for (const row of button.closest('table').querySelectorAll('tbody tr'))
      if (ids.includes(row.id)) row.hidden = !now;
    toggled(now);
  });
  return button;
}

/**
 * runs: rows of the API; more: there are older ones; filtered: only what was asked for is among them, so what was found
 * within a group is shown. opened: a map of what the reader opened or closed, kept by the caller. most: so many rows, a
 * group being one. cellsOf(run): as runCells.
 */
export function runsTable({ caption, runs, more = false, filtered = false, opened = new Map(), most, cellsOf = runCells }) {
  const rowsOf = (group) => {
    if (!group.folded) return group.runs.map(cellsOf);
    const open = opened.get(group.key) ?? filtered;
    const hidden = !open;
    const members = group.runs.map((run) => ({ cells: cellsOf(run), id: uniqueId('part'), class: 'part', hidden }));
    const ids = members.map(({ id }) => id);
    // of each group there may be older parts, which are not here yet
    const button = foldButton({ ...group, isWhole: !more, found: filtered }, ids, open, (now) =>
      opened.set(group.key, now),
    );
    return [groupCells(group, button), ...answerOf(group), ...members];
  };
  return table({
    caption,
    captionHidden: true,
    class: 'runs',
    columns: runColumns,
    rows: groupsOf(runs).slice(0, most).flatMap(rowsOf),
  });
}
