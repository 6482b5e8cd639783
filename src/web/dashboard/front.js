// The front page: how fast, which models, which settings, what was measured last.
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { barTable } from '../charts/bars.js';
import { el } from '../shared/dom.js';
import { absent, bytes, count, moment, quantity } from '../shared/format.js';
import { table } from '../shared/table.js';
import { charts, section } from '../report/section.js';
import { get } from './api.js';
import { breakable, figure } from './cells.js';
import { runsTable } from './folded.js';

const named = (name) => name ?? 'not known';
const withQuantization = (row) => [row.model_name ?? row.model, row.quantization].filter(Boolean).join(', ');

function speedTiles(summary) {
  if (!summary) return null;
  const tiles = [
    ['slowest', summary.min],
    ['median', summary.p50],
    ['mean', summary.avg],
    ['95 % are at or below', summary.p95],
    ['fastest', summary.max],
  ];
  return el(
    'div',
    {},
    el('p', { class: 'note' }, 'Speed of all valid runs with a number of streams: output of the whole server in their best level'),
    el(
      'dl',
      { class: 'tiles' },
      tiles.map(([name, value]) => {
        const [number, ...unit] = quantity(value, 'tokens/s').split(' ');
        return el(
          'div',
          {},
          el('dt', {}, name),
          el('dd', { 'data-value': value }, el('strong', {}, number), ` ${unit.join(' ')}`),
        );
      }),
    ),
  );
}

// Of each its model, its setting and so on; what all of them have is said once.
const partsOf = ({ model, quantization, setting, streams }) =>
  [model, quantization, ...(setting ?? '').split(', '), count(streams, 'stream')].filter(Boolean);

function speedChart(all) {
  const series = all.filter(({ points }) => points.length > 0);
  const common = series.length > 1 ? partsOf(series[0]).filter((part) => series.every((one) => partsOf(one).includes(part))) : [];
  const lines = series
    .map((one, index) => ({
      name: partsOf(one).filter((part) => !common.includes(part)).join(', ') || partsOf(one).join(', '),
      style: lineStyle(index),
      points: one.points.map((point) => ({
        x: point.t_unix_ms / 1000,
        y: point.speed,
      })),
    }));
  if (lines.length === 0) return null;
  return linesChart({
    title: 'Speed over time, by model, setting and streams',
    note: common.length > 0 && `All of them: ${common.join(', ')}`,
    wide: true,
    level: 3,
    x: { label: 'when it was measured, UTC', scale: 'time', tell: (seconds) => moment(seconds * 1000) },
    y: { label: 'output', unit: 'tokens/s' },
    lines,
  });
}

const bars = (title, rows, options) =>
  rows.length > 0 && el('div', { class: 'card' }, el('h3', {}, title), barTable({ caption: title, ...options, rows }));

const distribution = (title, nameOf, rows) =>
  bars(
    title,
    rows.map(({ name, runs }) => ({ name: named(name), value: runs })),
    { nameOf, valueName: 'runs', unit: '' },
  );

function bestTable(best) {
  if (best.length === 0) return null;
  return table({
    caption: 'The fastest valid run of each model, and so its best setting so far',
    class: 'card',
    columns: [
      { name: 'model', class: 'model' },
      { name: 'setting', class: 'setting' },
      { name: 'speed', numeric: true },
      { name: 'streams', numeric: true },
      { name: 'TTFT p95', numeric: true },
      { name: 'runs so set', numeric: true },
      'its run',
    ],
    rows: best.map((row) => [
      breakable(withQuantization(row)),
      row.setting || absent,
      figure(row.speed, 'tokens/s'),
      { number: row.streams },
      figure(row.ttft_p95_ms, 'ms', row.ttft_p95_few),
      { number: row.runs },
      el('a', { href: `#/runs/${row.id}` }, `run ${row.id}`),
    ]),
  });
}

function goingOn(jobs, others) {
  const links = [
    ...jobs.filter(({ state }) => state !== 'ended').map((job) => [`#/jobs/${job.job}`, job]),
    ...others.map((run) => [`#/live/${run.run_id}`, run]),
  ];
  return links.map(([href, run]) =>
    el(
      'p',
      { class: 'finding' },
      'Going on now: ',
      el('a', { href }, `${run.scenario}, started ${moment(run.started_unix_ms)}`),
    ),
  );
}

const empty = (info) =>
  el(
    'div',
    { class: 'card' },
    el('h2', {}, 'Nothing was measured yet'),
    el(
      'p',
      {},
      `Runs land in the history by themselves (${info.history}): `,
      el('code', {}, 'lmstress run --concurrency 1,4,8'),
    ),
    info.scenarios && el('p', {}, el('a', { href: '#/start' }, 'Start a scenario from here')),
  );

export async function frontView() {
  const [info, stats, speed, best, runs, { jobs }, live] = await Promise.all([
    get('info'),
    get('dashboard/stats'),
    get('speed'),
    get('best'),
    get('runs', { limit: 100 }),
    get('jobs'),
    get('live'),
  ]);
  const going = goingOn(jobs, live.runs);
  if (runs.total === 0) return { title: 'Overview', content: [going, empty(info)] };
  const efficiency = stats.efficiency_top ?? [];
  return {
    title: 'Overview',
    content: [
      going,
      el('section', {}, speedTiles(stats.speed_summary)),
      el('section', {}, charts(speedChart(speed.series))),
      section(
        'Latest runs',
        runsTable({ caption: 'Latest runs', runs: runs.runs, more: runs.next_before !== null, most: 8 }),
        el('p', {}, el('a', { href: '#/runs' }, `All ${runs.total} runs`)),
      ),
      section('Best settings', bestTable(best.best)),
      section(
        'Models',
        el(
          'div',
          { class: 'cards wide-cards' },
          bars(
            'Fastest models',
            (stats.top_models_extended ?? []).map((row) => ({
              name: el(
                'span',
                {},
                breakable(withQuantization(row)),
                el('small', {}, row.architecture),
              ),
              value: row.speed,
            })),
            { nameOf: 'model', valueName: 'speed', unit: 'tokens/s' },
          ),
          bars(
            'Speed for its size',
            efficiency.map((row) => ({
              name: el(
                'span',
                {},
                breakable(withQuantization(row)),
                el(
                  'small',
                  {},
                  `${bytes(row.gb * 1e9)} ${row.gb_of === 'file' ? 'of file, memory not known' : 'of memory'}`,
                ),
              ),
              value: row.tokens_per_sec_per_gb,
            })),
            { nameOf: 'model', valueName: 'tokens/s for each GB', unit: '' },
          ),
          distribution('Runs by quantization', 'quantization', stats.quantization_distribution ?? []),
          distribution('Runs by architecture', 'architecture', stats.architecture_distribution ?? []),
        ),
      ),
    ],
  };
}
