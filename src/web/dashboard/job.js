// A run that goes on, started from here or in a terminal: where it is, how fast, what it says; and, of those that were
// started from here, the button that stops it.
import { el, fill } from '../shared/dom.js';
import { absent, count, duration, moment, quantity } from '../shared/format.js';
import { ApiError, get, post } from './api.js';
import { exitWords } from './cells.js';
import { follow } from './follow.js';
import { liveChart } from './live_chart.js';

const states = { starting: 'is starting', running: 'is running', stopping: 'is stopping', ended: 'has ended' };

// While requests still end, their phase is that of the window which is over.
const stageOf = ({ stage, phase }) => (stage === 'running' ? (phase ?? stage) : stage);
const leftOf = ({ stage }) => (stage === 'draining' ? 'at most, for what is in flight' : 'of this level');

// Once it has ended nothing is left, and what was last seen is of then.
function tilesOf(progress, ended) {
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
      typeof progress.level === 'number' ? `${progress.level} of ${progress.levels}` : absent,
      ended ? load : `${load}, ${stageOf(progress)}`,
    ],
    [
      'speed',
      quantity(progress.tokens_per_second, progress.tokens_are_events ? 'events/s' : 'tokens/s'),
      ended ? 'in its last second' : 'in the last second',
    ],
    ...(ended ? [] : [['in flight', String(progress.in_flight ?? absent), '']]),
    ['requests', share, progress.errors > 0 ? count(progress.errors, 'error') : 'no errors'],
    ['TTFT p50', quantity(progress.ttft_p50_ms, 'ms'), `p95 ${quantity(progress.ttft_p95_ms, 'ms')}`],
    ...(ended
      ? []
      : [['left', progress.left_seconds === null ? absent : duration(progress.left_seconds), leftOf(progress)]]),
  ];
}

export const jobView = ({ job }, signal) => goingView(`jobs/${job}`, `Job ${job}`, signal);
export const liveView = ({ id }, signal) => goingView(`live/${id}`, `Run ${id}`, signal);

async function goingView(place, name, signal) {
  const job = await get(place);
  const mine = place.startsWith('jobs/');
  const state = el('p', { class: 'finding', role: 'status', tabindex: -1 });
  const link = el('p', { class: 'form-error', role: 'alert' });
  const tiles = el('dl', { class: 'tiles' });
  const log = el('pre', { class: 'log', tabindex: 0, role: 'log', 'aria-label': 'What the run says' });
  const said = el('p', { role: 'alert', class: 'form-error' });
  const stop = el('button', { type: 'button', class: 'stop' }, 'Stop');
  const chart = liveChart();

  let ended = job.state === 'ended';
  let last = null;
  const message = (text) => log.append(`${text}\n`);
  const showJob = (now) => {
    ended = now.state === 'ended';
    if (last) showTiles();
    fill(
      state,
      `${now.scenario} (${now.command}) ${states[now.state] ?? now.state}`,
      now.state === 'ended' && `: ${exitWords(now.exit_code)}`,
      ', started ',
      moment(now.started_unix_ms),
      '. ',
      now.runs.length > 0 && [
        'What came of it: ',
        now.runs.map((id, index) => [index > 0 && ', ', el('a', { href: `#/runs/${id}` }, `run ${id}`)]),
        '.',
      ],
      now.state === 'ended' &&
        now.runs.length === 0 && [
          'Nothing of it is in the history. ',
          now.directory && `What it wrote is in ${now.directory}; lmstress history import takes a result from there.`,
        ],
    );
    if (now.state === 'ended' && document.activeElement === stop) state.focus({ preventScroll: true });
    stop.hidden = !mine || now.state === 'ended';
    stop.textContent = now.state === 'stopping' ? 'Stop at once: cut what is in flight' : 'Stop';
  };
  const showTiles = () =>
    fill(
      tiles,
      tilesOf(last, ended).map(([name, value, more]) => {
        const [figure, ...unit] = value.split(' ');
        return el(
          'div',
          {},
          el('dt', {}, name),
          el('dd', {}, el('strong', {}, figure), ` ${unit.join(' ')}`, el('small', {}, more)),
        );
      }),
    );
  const showProgress = (progress) => {
    last = progress;
    showTiles();
    chart.add(progress);
  };

  stop.addEventListener('click', async () => {
    if (stop.getAttribute('aria-disabled') === 'true') return;
    stop.setAttribute('aria-disabled', 'true'); // a button that is disabled loses the focus
    said.textContent = '';
    try {
      showJob(await post(`${place}/stop`));
    } catch (error) {
      said.textContent =
        error instanceof ApiError ? [error.message, error.advice].filter(Boolean).join('. ') : String(error.message);
    }
    stop.removeAttribute('aria-disabled');
  });

  follow(`/api/${place}/events`, signal, {
    job: showJob,
    begin: ({ model, levels }) => {
      chart.clear();
      message(`begins: ${model ?? 'no model'}, ${count(levels, 'level')}`);
    },
    progress: showProgress,
    message: ({ text }) => message(text),
    end: showJob,
    lost: (why) => {
      link.textContent = why;
    },
  });
  showJob(job);
  return {
    title: `${name}: ${job.scenario}`,
    content: [
      state,
      link,
      el('p', {}, stop),
      said,
      tiles,
      el('section', { class: 'live' }, chart.node),
      el('section', {}, el('h2', {}, 'What it says'), log),
    ],
  };
}
