// The dashboard: one page, its views by the fragment of the URL.
import { el, fill, undirected } from '../shared/dom.js';
import { themeSwitch } from '../shared/theme.js';
import { ApiError } from './api.js';
import { compareView } from './compare.js';
import { frontView } from './front.js';
import { jobView, liveView } from './job.js';
import { route } from './router.js';
import { runView } from './run.js';
import { runsView } from './runs.js';
import { startView } from './start.js';

const main = el('main', { id: 'content', tabindex: -1 });
const links = [
  ['Overview', '#/'],
  ['Runs', '#/runs'],
  ['Start a run', '#/start'],
].map(([name, href]) => el('a', { href }, name));

document.body.prepend(
  el(
    'a',
    {
      class: 'skip',
      href: '#content',
      onclick: (event) => {
        event.preventDefault();
        main.focus();
      },
    },
    'Skip to the content',
  ),
  el(
    'header',
    { class: 'page-head' },
    el('p', { class: 'brand' }, 'lmstress'),
    el(
      'nav',
      { 'aria-label': 'Views' },
      el(
        'ul',
        {},
        links.map((link) => el('li', {}, link)),
      ),
    ),
    themeSwitch(),
  ),
  main,
);

const trouble = (error) =>
  el(
    'div',
    { class: 'card bad', role: 'alert' },
    el('h2', {}, error instanceof ApiError ? error.message : 'This view could not be drawn.'),
    el('p', {}, error instanceof ApiError ? error.advice : String(error.message)),
  );

// What a view started (streams of events, timers) ends when the next one comes.
let leave = null;

async function show(view, values, pattern) {
  const first = leave === null;
  leave?.abort();
  leave = new AbortController();
  const { signal } = leave;
  for (const link of links) {
    const here = link.getAttribute('href') === `#/${pattern.split('/')[0]}`;
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  main.setAttribute('aria-busy', 'true');
  try {
    const { title, content } =
      view === null
        ? { title: 'Not found', content: el('p', {}, 'There is no such view.') }
        : await view(values, signal);
    if (signal.aborted) return;
    document.title = undirected(`${title} – lmstress`);
    fill(main, el('h1', {}, title), content);
    if (!first) {
      // somebody followed a link: they go on at the top of what it led to
      main.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  } catch (error) {
    if (signal.aborted) return;
    document.title = 'Not to be had – lmstress';
    fill(main, el('h1', {}, 'This cannot be shown'), trouble(error));
  } finally {
    if (!signal.aborted) main.removeAttribute('aria-busy');
  }
}

route(
  [
    ['', frontView],
    ['runs', runsView],
    ['runs/:id', runView],
    ['compare/:a/:b', compareView],
    ['start', startView],
    ['jobs/:job', jobView],
    ['live/:id', liveView],
  ],
  show,
);
