// One run: what the history holds of it, and the same charts as the report.
import { el } from '../shared/dom.js';
import { absent, bytes, count, exact, moment, quantity } from '../shared/format.js';
import { table } from '../shared/table.js';
import { anyInBrackets, bracketsNote, inBrackets } from '../report/figures.js';
import { section } from '../report/section.js';
import { reportSections } from '../report/body.js';
import { ApiError, get } from './api.js';
import { modelOf, settingOf, stateOf, wholeNames, worth } from './cells.js';

const facts = (rows) =>
  el(
    'dl',
    { class: 'facts' },
    rows
      .filter(([, value]) => value !== null && value !== undefined && value !== absent)
      .map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
  );

function modelFacts(model) {
  if (!model) return [];
  return [
    ['Architecture', model.architecture],
    ['Format', model.format],
    ['Parameters', model.params],
    ['File', model.size_bytes === null ? null : bytes(model.size_bytes)],
  ];
}

const rates = ['offered', 'failed', 'output_tokens_per_second', 'requests_per_second'];
const quantiles = [
  ['tpot', 'p50'],
  ['ttft', 'p50'],
  ['ttft', 'p95'],
  ['itl', 'p50'],
  ['e2e', 'p50'],
];

/** The history has the quantiles of a level, its summary where they lie: null of too small a sample. */
function quantileCell(level, measured, [stem, quantile]) {
  const value = level[`${stem}_${quantile}_ms`] ?? null;
  const around = measured?.metrics?.[`${stem}_ms`]?.ci95?.[quantile];
  const ends = around === null ? [null, null] : around;
  return { number: value, text: value === null ? absent : inBrackets(exact(value), ends) };
}

const togetherFirst = (levels) => [
  ...levels.filter(({ together }) => together),
  ...levels.filter(({ together }) => !together),
];

function levelsTable(kept, summary) {
  const levels = togetherFirst(kept);
  const numeric = (name) => ({ name, numeric: true });
  const measured = (level) => summary?.levels?.find(({ index }) => index === level.index);
  const several = new Set(levels.map(({ api }) => api)).size > 1;
  const cells = levels.map((level) => quantiles.map((one) => quantileCell(level, measured(level), one)));
  return table({
    caption: `Levels${anyInBrackets(cells.flat()) ? `; ${bracketsNote}` : ''}`,
    columns: [
      'level',
      ...(several ? ['API'] : []),
      numeric('requests'),
      numeric('failed'),
      numeric('output, tokens/s'),
      numeric('requests/s'),
      numeric('TPOT p50, ms'),
      numeric('TTFT p50, ms'),
      numeric('TTFT p95, ms'),
      numeric('ITL p50, ms'),
      numeric('E2E p50, ms'),
    ],
    rows: levels.map((level, row) => [
      level.streams === null ? `${level.rate} requests/s` : count(level.streams, 'stream'),
      ...(several ? [level.together ? 'all APIs together' : level.api] : []),
      ...rates.map((key) => ({ number: level[key] ?? null })),
      ...cells[row],
    ]),
  });
}

async function reportOf(id) {
  try {
    return reportSections(await get(`runs/${id}/report`)).map(({ node }) => node);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return el('div', { class: 'card' }, el('h2', {}, error.message), el('p', {}, error.advice));
  }
}

export async function runView({ id }) {
  const [{ run, levels, model, summary, directory_exists: exists }, report] = await Promise.all([
    get(`runs/${id}`),
    reportOf(id),
  ]);
  return {
    title: `Run ${run.id}: ${run.model ?? 'no model'}, ${moment(run.started_unix_ms)}`,
    content: [
      el(
        'p',
        {},
        stateOf(run),
        ' ',
        (run.tags ?? []).map((tag) => el('span', { class: 'tag' }, tag)),
        run.ended_early && el('span', { class: 'note' }, ` ${run.ended_early}`),
      ),
      run.whole &&
        el('p', { class: 'note' }, `It is part of ${wholeNames[run.kind]}: `, worth(run.whole.state), ` ${run.whole.answer}`),
      section(
        'The run',
        facts([
          ['Server', run.server],
          ['Address', run.url],
          ['Model', modelOf(run)],
          ['Setting', settingOf(run)],
          [
            'Speed',
            `${quantity(run.speed, 'tokens/s')}${run.speed_streams ? ` with ${count(run.speed_streams, 'stream')}` : ''}`,
          ],
          ...modelFacts(model),
          ['Exit code', run.exit_code === null ? 'none: it was killed' : String(run.exit_code)],
          ['Part of', run.group],
          ['Directory', exists ? run.directory : `${run.directory} (gone)`],
          ...Object.entries(run.labels ?? {}),
        ]),
        levelsTable(levels, summary),
      ),
      report,
    ],
  };
}
