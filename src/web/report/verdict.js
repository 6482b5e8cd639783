// What was tested, what it carries, what limits it, and whether that can be believed.
import { el } from '../shared/dom.js';
import { intervalAround, quantity, together } from '../shared/format.js';
import { signed, worthOf } from '../shared/worth.js';
import { endsOf, figureName, inBrackets, tooFew } from './figures.js';
import { sentences } from './section.js';

const card = (title, list, kind) => {
  const content = sentences(list);
  return content && el('div', { class: `card ${kind ?? ''}` }, el('h3', {}, title), content);
};

/** What is counted as output: of embeddings the texts. */
const outputOf = ({ figures }) => (figures.output_tokens_per_second ?? figures.inputs_per_second)?.value;

/** The point of the whole page with the most output: what the figures on top are of. */
function bestPoint(data) {
  const candidates = (data.series ?? [])
    .flatMap((series) => series.points.map((point) => ({ series, point })))
    .filter(({ point }) => typeof outputOf(point) === 'number');
  const valid = candidates.filter(({ point }) => point.valid !== false);
  const most = (list) =>
    list.reduce(
      (best, one) => (best === null || outputOf(one.point) > outputOf(best.point) ? one : best),
      null,
    );
  const best = most(valid.length > 0 ? valid : candidates);
  return best && { ...best, amongValid: valid.length > 0 && valid.length < candidates.length };
}

const shownFigures = [
  'output_tokens_per_second',
  'stream_tokens_per_second',
  'ttft_p50_ms',
  'ttft_p95_ms',
  'itl_p50_ms',
];
// Of answers that come all at once.
const shownOfEmbeddings = ['inputs_per_second', 'requests_per_second', 'e2e_p50_ms', 'e2e_p95_ms'];

const anyCompleted = (data) =>
  (data.runs ?? []).some((run) => (run.levels ?? []).some(({ requests }) => requests?.completed > 0));

/** Of a capacity search by itself: the load that was found to hold. */
function foundPoint(data) {
  const [series, ...others] = data.series ?? [];
  const low = data.capacities?.length === 1 && others.length === 0 ? data.capacities[0].low : null;
  const point = low && series?.points.find(({ x }) => x === low.load);
  return point ? { series, point, found: true } : null;
}

/** Of a sweep by itself: the cell that it calls the best. */
function chosenPoint(data) {
  const [sweep, ...others] = data.sweeps ?? [];
  const series = data.series ?? [];
  if (!sweep?.best || others.length > 0 || series.some(({ of }) => of.sweep !== 0)) return null;
  const isChosen = ({ run }) => {
    const of = data.runs[run]?.of;
    return of?.variant === sweep.best.variant && of?.load === sweep.best.load;
  };
  return (
    series
      .flatMap((one) => one.points.map((point) => ({ series: one, point, chosen: true })))
      .find(({ point }) => point.levels.some(isChosen)) ?? null
  );
}

const whyOf = ({ found, chosen, amongValid }) => {
  if (found) return 'the capacity that was found';
  if (chosen) return 'the best of what was measured';
  return `where the output was greatest${amongValid ? ' among the valid runs' : ''}`;
};

function tiles(data) {
  const best = anyCompleted(data) ? (foundPoint(data) ?? chosenPoint(data) ?? bestPoint(data)) : null;
  if (best === null) return null;
  const shown = best.point.figures.inputs_per_second ? shownOfEmbeddings : shownFigures;
  const rows = shown.filter((key) => typeof best.point.figures[key]?.value === 'number' && data.figures[key]);
  return el(
    'div',
    {},
    el(
      'p',
      { class: 'note' },
      `With ${best.point.name}${data.series.length > 1 ? `, ${best.series.name}` : ''}, ${whyOf(best)}`,
      best.point.valid === false && [' ', badge('bad', '✕', 'INVALID')],
    ),
    el(
      'dl',
      { class: 'tiles' },
      rows.map((key) => {
        const { value } = best.point.figures[key];
        const { unit } = data.figures[key];
        const [number, ...rest] = quantity(value, unit).split(' ');
        const ends = endsOf(data, best.point, key);
        const between = intervalAround(value, ends, unit);
        return el(
          'div',
          {},
          el('dt', {}, figureName(data, key, best.series)),
          el(
            'dd',
            { 'data-value': value },
            el('strong', {}, inBrackets(number, ends)),
            ` ${rest.join(' ')}`,
            between && el('small', {}, `95 %: ${between}`),
            tooFew(ends) && el('small', {}, between ? 'n too small for the other end' : 'n too small for an interval'),
          ),
        );
      }),
    ),
  );
}

const badge = (kind, sign, text) => el('span', { class: `badge ${kind}` }, signed(sign, text));

/** Of data without a state, by the exit codes. The runs of a search may fail, for that is what it looks for. */
function statesByExitCode({ verdict, runs = [] }) {
  const held = runs.filter(({ of }) => of?.capacity === undefined);
  const ended = (code, state, and = () => true) => {
    const wrong = held.filter((run) => run.exit_code === code && and(run));
    return wrong.length > 0 && [{ state, name: wrong.length < held.length ? wrong[0].name : null }];
  };
  const failed = ({ thresholds = [] }) => thresholds.some((one) => one.verdict === 'fail');
  return (
    ended(3, 'not_measured') ||
    (!verdict.valid && [{ state: 'not_valid' }]) ||
    (!verdict.complete && [{ state: 'cut_short' }]) ||
    ended(4, 'threshold_failed', failed) ||
    ended(4, 'too_many_failed') ||
    ended(6, 'undecided') || [{ state: 'measured' }]
  );
}

/** What the page is worth, in a word; of several results those that are not as they should be, each with its name. */
function badgesOf(data) {
  const { state, states } = data.verdict;
  const all = states?.length > 1 ? states : state ? [{ state }] : statesByExitCode(data);
  const worse = all.filter((one) => one.state !== 'measured');
  const exitCode = data.runs?.length === 1 ? data.runs[0].exit_code : undefined;
  return (worse.length > 0 ? worse : [{ state: 'measured' }]).map((one) => {
    const { kind, sign, text } = worthOf(one.state, exitCode);
    return [' ', badge(kind, sign, one.name ? `${one.name}: ${text}` : text)];
  });
}

export function verdictSection(data) {
  const { verdict } = data;
  const fine = verdict.valid && verdict.complete;
  return el(
    'section',
    { class: 'verdict' },
    el('h2', { class: 'visually-hidden' }, 'Verdict'),
    el('p', { class: 'headline' }, together(verdict.headline), badgesOf(data)),
    el(
      'div',
      { class: 'cards' },
      card(
        'What it carries',
        (verdict.carries ?? []).filter((text) => text !== verdict.headline),
      ),
      card('What limits it', verdict.limits),
      card('Can it be believed?', verdict.validity, fine ? 'good' : 'bad'),
    ),
    tiles(data),
    data.tested?.length > 0 &&
      section3(
        'What was tested',
        el(
          'dl',
          { class: 'facts' },
          data.tested.map(({ name, value }) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
        ),
      ),
    notes(verdict.notes ?? []),
  );
}

// The gravest come first; what is left stands behind a click.
function notes(list) {
  if (list.length === 0) return null;
  const atOnce = list.length > 6 ? 4 : list.length;
  return section3('Worth knowing', [
    sentences(list.slice(0, atOnce), 'sentences notes'),
    list.length > atOnce &&
      el(
        'details',
        {},
        el('summary', {}, `${list.length - atOnce} more`),
        sentences(list.slice(atOnce), 'sentences notes'),
      ),
  ]);
}

const section3 = (title, content) => el('div', { class: 'block' }, el('h3', {}, title), content);
