// One run: what the history holds of it, and the same charts as the report.
import { el } from '../shared/dom.js';
import { absent, bytes, count, moment, quantity } from '../shared/format.js';
import { table } from '../shared/table.js';
import { section } from '../report/section.js';
import { reportSections } from '../report/body.js';
import { ApiError, get } from './api.js';
import { modelOf, settingOf, stateOf } from './cells.js';

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
    [
      'Memory',
      model.memory_bytes === null
        ? null
        : `${bytes(model.memory_bytes)}${model.memory_source ? ` (${model.memory_source})` : ''}`,
    ],
  ];
}

function levelsTable(levels) {
  const numeric = (name) => ({ name, numeric: true });
  return table({
    caption: 'Levels',
    columns: [
      'level',
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
    rows: levels.map((level) => [
      level.streams === null ? `${level.rate} requests/s` : count(level.streams, 'stream'),
      ...[
        'offered',
        'failed',
        'output_tokens_per_second',
        'requests_per_second',
        'tpot_p50_ms',
        'ttft_p50_ms',
        'ttft_p95_ms',
        'itl_p50_ms',
        'e2e_p50_ms',
      ].map((key) => ({ number: level[key] ?? null })),
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
  const [{ run, levels, model, directory_exists: exists }, report] = await Promise.all([
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
          ['Exit code', run.exit_code === null ? 'none: it was cut off' : String(run.exit_code)],
          ['Directory', exists ? run.directory : `${run.directory} (gone)`],
          ...Object.entries(run.labels ?? {}),
        ]),
        levelsTable(levels),
      ),
      report,
    ],
  };
}
