// A run that goes on: where it is, how fast, what it says; and the button that stops it.
import { el, fill } from '../shared/dom.js';
import { absent, count, duration, moment, quantity } from '../shared/format.js';
import { ApiError, get, post } from './api.js';
import { liveChart } from './live_chart.js';

const states = { starting: 'is starting', running: 'is running', stopping: 'is stopping', ended: 'has ended' };

function tilesOf(progress) {
  const share = progress.wanted_requests
    ? `${progress.requests} of ${progress.wanted_requests}`
    : String(progress.requests ?? absent);
  const load =
    progress.streams === null || progress.streams === undefined
      ? quantity(progress.rate, 'requests/s')
      : count(progress.streams, 'stream');
  return [
    [
      'level',
      typeof progress.level === 'number' ? `${progress.level + 1} of ${progress.levels}` : absent,
      `${load}, ${progress.phase ?? progress.stage}`,
    ],
    [
      'speed',
      quantity(progress.tokens_per_second, progress.tokens_are_events ? 'events/s' : 'tokens/s'),
      'of this level',
    ],
    ['in flight', String(progress.in_flight ?? absent), ''],
    ['requests', share, progress.errors > 0 ? count(progress.errors, 'error') : 'no errors'],
    ['TTFT p50', quantity(progress.ttft_p50_ms, 'ms'), `p95 ${quantity(progress.ttft_p95_ms, 'ms')}`],
    ['left', progress.left_seconds === null ? absent : duration(progress.left_seconds), 'of this level'],
  ];
}

export async function jobView({ job: number }, signal) {
  const job = await get(`jobs/${number}`);
  const state = el('p', { class: 'finding', role: 'status' });
  const tiles = el('dl', { class: 'tiles' });
  const log = el('pre', { class: 'log', tabindex: 0, role: 'log', 'aria-label': 'What the run says' });
  const said = el('p', { role: 'alert', class: 'form-error' });
  const stop = el('button', { type: 'button', class: 'stop' }, 'Stop');
  const chart = liveChart();

  const message = (text) => log.append(`${text}\n`);
  const showJob = (now) => {
    fill(
      state,
      `${now.scenario} (${now.command}) ${states[now.state] ?? now.state}`,
      now.state === 'ended' && `, exit code ${now.exit_code}`,
      ', started ',
      moment(now.started_unix_ms),
      '. ',
      now.runs.length > 0 && [
        'What came of it: ',
        now.runs.map((id, index) => [index > 0 && ', ', el('a', { href: `#/runs/${id}` }, `run ${id}`)]),
        '.',
      ],
    );
    stop.hidden = now.state === 'ended';
    stop.textContent = now.state === 'stopping' ? 'Stop at once: cut what is in flight' : 'Stop';
  };
  const showProgress = (progress) => {
    fill(
      tiles,
      tilesOf(progress).map(([name, value, more]) => {
        const [figure, ...unit] = value.split(' ');
        return el(
          'div',
          {},
          el('dt', {}, name),
          el('dd', {}, el('strong', {}, figure), ` ${unit.join(' ')}`, el('small', {}, more)),
        );
      }),
    );
    chart.add(progress);
  };

  stop.addEventListener('click', async () => {
    stop.disabled = true;
    said.textContent = '';
    try {
      showJob(await post(`jobs/${number}/stop`));
    } catch (error) {
      said.textContent = error instanceof ApiError ? error.message : String(error.message);
    }
    stop.disabled = false;
  });

  const events = new EventSource(`/api/jobs/${number}/events`);
  signal.addEventListener('abort', () => events.close());
  const on = (name, use) => events.addEventListener(name, (event) => use(JSON.parse(event.data)));
  on('job', showJob);
  on('begin', ({ model, levels }) => {
    chart.clear();
    message(`begins: ${model ?? 'no model'}, ${count(levels, 'level')}`);
  });
  on('progress', showProgress);
  on('message', ({ text }) => message(text));
  on('end', (last) => {
    events.close();
    showJob(last);
  });
  showJob(job);
  return {
    title: `Job ${number}: ${job.scenario}`,
    content: [
      state,
      el('p', {}, stop),
      said,
      tiles,
      el('section', { class: 'live' }, chart.node),
      el('section', {}, el('h2', {}, 'What it says'), log),
    ],
  };
}
