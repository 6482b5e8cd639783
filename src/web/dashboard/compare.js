// Two runs side by side: what changed, and how surely.
import { el } from '../shared/dom.js';
import { exact, moment, short } from '../shared/format.js';
import { table } from '../shared/table.js';
import { section, sentences } from '../report/section.js';
import { ApiError, get } from './api.js';
import { modelOf, settingOf } from './cells.js';
import { changesChart, figureName } from './changes.js';

const change = (share) => (typeof share === 'number' ? `${share > 0 ? '+' : ''}${short(share * 100)} %` : '');

const findings = {
  worse: () => el('span', { class: 'verdict-fails' }, '✕ worse'),
  better: () => el('span', { class: 'verdict-holds' }, '✓ better'),
  too_few: () => 'n too small',
};

function findingOf(figure) {
  if (findings[figure.finding]) return findings[figure.finding]();
  const between = figure.ci95_together ?? figure.ci95;
  return between ? `none over ${change(Math.max(0, between[1]))}, ${change(Math.min(0, between[0]))}` : 'none seen';
}

function levelBlock(level) {
  const columns = [
    'figure',
    { name: 'before', numeric: true },
    { name: 'after', numeric: true },
    { name: 'change', numeric: true },
    { name: '95 % interval', numeric: true },
    'that is',
  ];
  const row = (figure) => [
    figureName(figure.figure),
    { number: figure.a },
    { number: figure.b },
    { number: figure.change, text: change(figure.change) },
    figure.ci95 ? `${change(figure.ci95[0])} to ${change(figure.ci95[1])}` : '',
    findingOf(figure),
  ];
  const decide = level.figures.filter((figure) => figure.decides);
  const others = level.figures.filter((figure) => !figure.decides);
  return el(
    'div',
    { class: 'block' },
    el('h3', {}, level.name),
    changesChart(decide, level.name),
    table({ caption: `${level.name}: the figures that decide`, columns, rows: decide.map(row) }),
    others.length > 0 && table({ caption: `${level.name}: for the eye`, columns, rows: others.map(row) }),
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
    el('p', {}, error.advice),
    sentences(error.body.other_work),
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
    const all = section(
      'What changed',
      sentences(differs, 'sentences notes'),
      (result.levels ?? []).map(levelBlock),
      sentences(
        (result.unmatched ?? []).map((name) =>
          typeof name === 'string' ? name : `${name.name ?? JSON.stringify(name)}`,
        ),
        'sentences notes',
      ),
    );
    return holder.replaceChildren(all ?? el('p', {}, 'These runs have no level in common.'));
  };
  await draw(false);
  const swap = el('a', { href: `#/compare/${b}/${a}` }, 'the other way round');
  return {
    title: `Run ${a} and run ${b} compared`,
    content: [
      el('div', { class: 'cards' }, side('Before', one.run), side('After', other.run)),
      el('p', {}, swap),
      holder,
    ],
  };
}
