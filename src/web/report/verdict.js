// What was tested, what it carries, what limits it, and whether that can be believed.
import { el } from '../shared/dom.js';
import { intervalAround, quantity } from '../shared/format.js';
import { endsOf, figureName, tooFew } from './figures.js';
import { sentences } from './section.js';

const card = (title, list, kind) => {
  const content = sentences(list);
  return content && el('div', { class: `card ${kind ?? ''}` }, el('h3', {}, title), content);
};

/** The point of the whole page with the most output: what the figures on top are of. */
function bestPoint(data) {
  const candidates = (data.series ?? [])
    .flatMap((series) => series.points.map((point) => ({ series, point })))
    .filter(({ point }) => typeof point.figures.output_tokens_per_second?.value === 'number');
  const valid = candidates.filter(({ point }) => point.valid !== false);
  const most = (list) =>
    list.reduce(
      (best, one) =>
        best === null ||
        one.point.figures.output_tokens_per_second.value > best.point.figures.output_tokens_per_second.value
          ? one
          : best,
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

const anyCompleted = (data) =>
  (data.runs ?? []).some((run) => (run.levels ?? []).some(({ requests }) => requests?.completed > 0));

/** Of a capacity search by itself: the load that was found to hold. */
function foundPoint(data) {
  const [series, ...others] = data.series ?? [];
  const low = data.capacities?.length === 1 && others.length === 0 ? data.capacities[0].low : null;
  const point = low && series?.points.find(({ x }) => x === low.load);
  return point ? { series, point, found: true } : null;
}

const whyOf = ({ found, amongValid, point }) => {
  const invalid = point.valid === false ? ' (not valid)' : '';
  if (found) return `the capacity that was found${invalid}`;
  if (amongValid) return 'where the output was greatest among the valid runs';
  return `where the output was greatest${invalid}`;
};

function tiles(data) {
  const best = anyCompleted(data) ? (foundPoint(data) ?? bestPoint(data)) : null;
  if (best === null) return null;
  const rows = shownFigures.filter((key) => typeof best.point.figures[key]?.value === 'number' && data.figures[key]);
  return el(
    'div',
    {},
    el(
      'p',
      { class: 'note' },
      `With ${best.point.name}${data.series.length > 1 ? `, ${best.series.name}` : ''}, ${whyOf(best)}`,
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
            el('strong', {}, tooFew(ends) ? `(${number})` : number),
            ` ${rest.join(' ')}`,
            between && el('small', {}, `95 %: ${between}`),
            tooFew(ends) && el('small', {}, between ? 'n too small for the other end' : 'n too small for an interval'),
          ),
        );
      }),
    ),
  );
}

const failedOf = (run) =>
  (run.thresholds ?? []).some(({ verdict }) => verdict === 'fail') ? 'threshold failed' : 'requests failed';

/**
 * That every bound holds says little of a run whose requests failed: the gravest of all runs by themselves, as their
 * exit codes have it. The runs of a search may fail, for that is what it looks for.
 */
function badgeOf({ verdict, runs = [] }) {
  const alone = runs.filter(({ of }) => of === null);
  const ended = (code) => alone.find((run) => run.exit_code === code);
  const named = (run, text) => (alone.length > 1 ? `${run.name}: ${text}` : text);
  const bad = (text) => el('span', { class: 'badge bad' }, `✕ ${text}`);
  if (ended(3)) return bad(named(ended(3), 'not measured'));
  if (!verdict.valid) return bad('not valid');
  if (!verdict.complete) return bad('cut short');
  if (ended(4)) return bad(named(ended(4), failedOf(ended(4))));
  if (ended(6)) return el('span', { class: 'badge unsure' }, `? ${named(ended(6), 'undecided, valid')}`);
  return el('span', { class: 'badge good' }, '✓ valid');
}

/** A number and its sign stay on one line. */
const together = (text) => text.replaceAll(/(\d) %/g, '$1\u00a0%');

export function verdictSection(data) {
  const { verdict } = data;
  const fine = verdict.valid && verdict.complete;
  return el(
    'section',
    { class: 'verdict' },
    el('h2', { class: 'visually-hidden' }, 'Verdict'),
    el('p', { class: 'headline' }, together(verdict.headline), ' ', badgeOf(data)),
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
