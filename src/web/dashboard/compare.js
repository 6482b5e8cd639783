// Two runs side by side: what changed, and how surely.
import { el } from '../shared/dom.js';
import { exact, moment, quantity, signedPercent } from '../shared/format.js';
import { table } from '../shared/table.js';
import { unitOf } from '../report/figures.js';
import { section, sentences } from '../report/section.js';
import { ApiError, get } from './api.js';
import { modelOf, settingOf } from './cells.js';
import { betweenOf, changesChart, figureName } from './changes.js';

const findings = {
  worse: () => el('span', { class: 'verdict-fails' }, '✕ worse'),
  better: () => el('span', { class: 'verdict-holds' }, '✓ better'),
  too_few: () => 'n too small',
};

// How large a change there may be all the same is what the interval says.
const findingOf = (figure) => findings[figure.finding]?.() ?? '● none seen';

const betweenText = (between) =>
  between ? between.map((end) => (end === null ? 'not known' : signedPercent(end))).join(' to ') : '';

function levelBlock(level) {
  const columns = [
    'figure',
    { name: 'that is', class: 'when' },
    { name: 'change', numeric: true },
    { name: '95 % interval', numeric: true },
    { name: 'before', numeric: true },
    { name: 'after', numeric: true },
  ];
  const row = (figure) => [
    figureName(figure.figure),
    findingOf(figure),
    { number: figure.change, text: signedPercent(figure.change) },
    betweenText(betweenOf(figure)),
    { number: figure.a, text: quantity(figure.a, unitOf(figure.figure)) },
    { number: figure.b, text: quantity(figure.b, unitOf(figure.figure)) },
  ];
  const decide = level.figures.filter((figure) => figure.decides);
  const others = level.figures.filter((figure) => !figure.decides);
  return el(
    'div',
    { class: 'block' },
    el('h3', {}, level.name),
    changesChart(decide, level.name),
    table({ caption: `${level.name}: the figures that decide`, class: 'compared', columns, rows: decide.map(row) }),
    others.length > 0 && table({ caption: `${level.name}: for the eye`, class: 'compared', columns, rows: others.map(row) }),
    typeof level.requests_for_10_percent === 'number' &&
      el(
        'p',
        { class: 'note' },
        `A change of 10 % would be found with ${exact(level.requests_for_10_percent)} requests of each.`,
      ),
  );
}

const side = (name, run) =>
  el(
    'div',
    { class: 'card' },
    el('h3', {}, name),
    el('p', {}, el('a', { href: `#/runs/${run.id}` }, `Run ${run.id}, ${moment(run.started_unix_ms)}`)),
    el('p', {}, modelOf(run)),
    el('p', { class: 'note' }, settingOf(run)),
  );

/** The two are named here by when they were, and A and B by the sentences of compare. */
const plain = (sentence) => sentence.replace(/\bA\b/g, 'the run before').replace(/\bB\b/g, 'the run after').replace(/^the/, 'The');

/** The answer in words, with the figures as the tables call them. */
function conclusions(result) {
  const figures = (result.levels ?? []).flatMap((level) => level.figures.map(({ figure }) => figure));
  const named = (sentence) =>
    figures.reduce((text, figure) => text.replaceAll(figure, figureName(figure)), sentence);
  return (result.conclusions ?? []).map((sentence) => plain(named(sentence)));
}

async function comparison(a, b, force) {
  try {
    return { result: await get('compare', { a, b, force: force ? 1 : null }) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return { refused: error };
    throw error;
  }
}

function refusal(error, again) {
  const button = el('button', { type: 'button', class: 'primary' }, 'Compare all the same');
  button.addEventListener('click', again);
  return el(
    'div',
    { class: 'card bad' },
    el('h2', {}, error.message),
    // The advice of the API is for its callers, who have no button.
    el('p', {}, `“${button.textContent}” shows what changed nevertheless.`),
    sentences((error.body.other_work ?? []).map(plain)),
    button,
  );
}

export async function compareView({ a, b }) {
  const [one, other] = await Promise.all([get(`runs/${a}`), get(`runs/${b}`)]);
  const holder = el('div', {});
  const draw = async (force) => {
    const { result, refused } = await comparison(a, b, force);
    if (refused) return holder.replaceChildren(refusal(refused, () => draw(true)));
    const differs = [...(result.other_work ?? []), ...(result.other_server ?? [])];
    const alone = (result.unmatched ?? []).map((name) => plain(typeof name === 'string' ? name : `${name.name ?? JSON.stringify(name)}`));
    const beware = (result.beware ?? []).map(plain);
    const all = section(
      'What changed',
      sentences(conclusions(result), 'sentences answers'),
      beware.length > 0 && el('div', { class: 'card bad' }, el('h3', {}, 'Beware'), sentences(beware, 'sentences notes')),
      sentences(differs.map(plain), 'sentences notes'),
      (result.levels ?? []).map(levelBlock),
      alone.length > 0 && el('h3', {}, 'Levels of one run only, which nothing is compared with'),
      sentences(alone, 'sentences notes'),
    );
    return holder.replaceChildren(all ?? el('p', {}, 'These runs have no level in common.'));
  };
  await draw(false);
  const itself =
    a === b &&
    el(
      'div',
      { class: 'cards' },
      el('div', { class: 'card bad' }, 'This compares a run with itself: whatever it shows, nothing has changed.'),
    );
  const swap = el('a', { href: `#/compare/${b}/${a}` }, 'the other way round');
  return {
    title: `Run ${a} and run ${b} compared`,
    content: [
      el('div', { class: 'cards' }, side('Before', one.run), side('After', other.run)),
      itself || el('p', {}, swap),
      holder,
    ],
  };
}
