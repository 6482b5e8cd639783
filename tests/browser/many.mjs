// The dashboard over a long history: many runs in a chart, groups in a list, names that are too long.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { markersThatFit } from '../../src/web/charts/markers.js';
import { desktop, launch, phone, watchedPage } from './support/browser.mjs';
import { chartsReady, overflowing, tableOf } from './support/checks.mjs';
import { lmstress, patient, scratch, server, simulator } from './support/program.mjs';

const directory = scratch(after);
const history = join(directory, 'history.db');
const result = join(directory, 'one');
const longLabel = 'x'.repeat(200);
let browser;
let serve;

before(async () => {
  const sim = await simulator();
  const { code, stderr } = await lmstress(
    ...['run', '--url', sim.url, '--concurrency', '2', '--requests', '12', '--max-tokens', '8'],
    ...['--label', `${longLabel}=m4`, '--history', history, '--out', result, ...patient],
  );
  assert.equal(code, 0, stderr);
  await sim.stop();
  serve = await server('serve', '--port', '0', '--history', history);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await serve?.stop();
});

/** A view, where `api` answers in the place of the server: {path of a request: what it makes of the real answer}. */
async function opened(path, api = {}, options = {}) {
  const watched = await watchedPage(browser, options, (url) => url.startsWith(serve.url));
  for (const [asked, make] of Object.entries(api))
    await watched.page.route(new RegExp(`/api/${asked}(\\?|$)`), async (route) => {
      const real = await (await route.fetch()).json();
      await route.fulfill({ json: make(real, new URL(route.request().url()).searchParams) });
    });
  await watched.page.goto(`${serve.url}/#/${path}`);
  await watched.page.locator('main h1').waitFor();
  return watched;
}

async function fine({ context, troubles }) {
  assert.deepEqual(troubles, []);
  await context.close();
}

const hour = 3600 * 1000;
const manyPoints = Array.from({ length: 300 }, (_, index) => ({
  id: index + 1,
  t_unix_ms: Date.UTC(2026, 10, 1) + index * hour,
  speed: 187 + 20 * Math.sin(index / 20),
  ttft_p50_ms: 10,
}));
const seriesOf = (more) => ({ model: 'm', quantization: 'Q8_0', setting: 'parallel 4', streams: 4, points: manyPoints, ...more });

/** Of the columns of pixels between the first and the last that has a colour: how many have it, and how many there are. */
const columnsOf = (canvas, property) =>
  canvas.evaluate((node, name) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = `var(${name})`;
    const wanted = getComputedStyle(probe).color.match(/\d+/g).map(Number);
    probe.remove();
    const { width, height } = node;
    const { data } = node.getContext('2d').getImageData(0, 0, width, height);
    const has = (x) => {
      for (let y = 0; y < height; ++y) {
        const at = 4 * (y * width + x);
        if (data[at + 3] > 200 && wanted.every((part, index) => Math.abs(part - data[at + index]) < 50)) return true;
      }
      return false;
    };
    const coloured = Array.from({ length: width }, (_, x) => x).filter(has);
    return { coloured: coloured.length, between: coloured.at(-1) - coloured[0] + 1, width };
  }, property);

test('a line of very many runs is seen all along, on a phone and in the dark', async () => {
  for (const size of [phone, desktop])
    for (const colorScheme of ['light', 'dark']) {
      const watched = await opened('', { speed: () => ({ series: [seriesOf()] }) }, { ...size, colorScheme });
      await chartsReady(watched.page);
      const { coloured, between, width } = await columnsOf(watched.page.locator('.chart canvas').first(), '--hue-0');
      assert.ok(between > 0.6 * width, `${between} of ${width}`);
      assert.ok(coloured > 0.97 * between, `${coloured} of ${between} at ${size.viewport.width}, ${colorScheme}`);
      await fine(watched);
    }
});

test('a marker has no rim over its neighbour, and between two of them there is none', () => {
  assert.deepEqual(markersThatFit([0, 20, 40], 10), ['alone', 'alone', 'alone']);
  assert.deepEqual(markersThatFit([0, 3, 6, 9, 40], 10), ['crowded', null, null, 'crowded', 'alone']);
  assert.deepEqual(markersThatFit([0, 3], 10), ['crowded', 'crowded']);
  assert.deepEqual(markersThatFit([7], 10), ['alone']);
});

test('what all lines of a chart have is said once', async () => {
  const all = [seriesOf(), seriesOf({ streams: 8 }), seriesOf({ setting: 'parallel 4, context 4096' })];
  const watched = await opened('', { speed: () => ({ series: all }) });
  const chart = watched.page.locator('.chart').first();
  await chartsReady(watched.page);
  assert.deepEqual(await chart.locator('.legend button').allInnerTexts(), ['4 streams', '8 streams', 'context 4096, 4 streams']);
  assert.match(await chart.innerText(), /All of them: m, Q8_0, parallel 4/);
  await fine(watched);
});

const rowsOf = (make) => (answer, asked) => {
  const row = { ...answer.runs[0], state: 'measured', exit_code: 0, valid: true, tags: [] };
  const { runs, next = null } = make(row, asked);
  return { ...answer, runs, total: runs.length, next_before: next };
};

test('of a group nothing is called good that nobody judged', async () => {
  let id = 900;
  const runs = (row) =>
    [
      ['sweep', 'measured', 'measured'],
      ['sweep', 'measured'],
      ['sweep', 'measured', 'undecided'],
      ['sweep', 'measured', 'cut_short'],
      ['capacity', 'threshold_failed', 'too_many_failed'],
      ['capacity', 'not_measured', 'measured'],
      ['capacity', 'not_measured', 'not_measured'],
      ['capacity', 'not_valid', 'measured'],
      ['compare', 'measured', 'measured'],
    ].flatMap(([kind, ...states], index) =>
      states.map((state) => ({ ...row, id: --id, kind, group: `/r/${index}`, state, exit_code: null })),
    );
  const watched = await opened('runs', { runs: rowsOf((row) => ({ runs: runs(row) })) });
  const folded = watched.page.locator('.runs tbody tr', { has: watched.page.locator('.fold') });
  const states = await folded.locator('.state').evaluateAll((all) =>
    all.map((cell) => [cell.textContent.replace('\u00a0', ' '), cell.querySelector('[class^=verdict]')?.className ?? null]),
  );
  assert.deepEqual(states, [
    ['its parts are valid', null],
    ['its part is valid', null],
    ['? undecided, valid', 'verdict-undecided'],
    ['✕ cut short', 'verdict-fails'],
    ['its parts are valid', null],
    ['valid where measured', null],
    ['✕ not measured', 'verdict-fails'],
    ['✕ not valid', 'verdict-fails'],
    ['its parts are valid', null],
  ]);
  await fine(watched);
});

test('what became of a whole is in its row, and what it says below', async () => {
  const whole = { state: 'threshold_failed', answer: 'No load holds: <b>1 user</b> misses the SLO, '.repeat(4) };
  const part = (row, id) => ({ ...row, id, kind: 'capacity', group: '/r/c', state: 'measured', whole });
  const make = (row) => ({ runs: [part(row, 3), part(row, 2), { ...row, id: 1, kind: 'sweep', group: '/r/s', whole: null }] });
  for (const size of [phone, desktop]) {
    const watched = await opened('runs', { runs: rowsOf(make) }, size);
    const { page } = watched;
    const rows = page.locator('.runs tbody tr');
    assert.deepEqual(await rows.first().locator('.state').allInnerTexts(), ['✕\u00a0threshold failed']);
    assert.equal(await page.locator('.answer').count(), 1);
    const said = page.locator('.answer div');
    assert.equal(await said.innerText(), whole.answer.trim());
    const { left, right } = await said.evaluate((node) => node.getBoundingClientRect());
    assert.ok(left >= 0 && right <= size.viewport.width, `${left} to ${right} of ${size.viewport.width}`);
    assert.deepEqual(await overflowing(page), []);
    await fine(watched);
  }
});

test('as long as there are older runs no group is called whole, and each kind is a group of its own', async () => {
  const part = (row, id, kind) => ({ ...row, id, kind, group: '/r/s' });
  const make = (row, asked) =>
    asked.get('before')
      ? { runs: [part(row, 1, 'sweep')] }
      : { runs: [part(row, 5, 'sweep'), part(row, 4, 'sweep'), part(row, 3, 'capacity'), { ...row, id: 2 }], next: 2 };
  const watched = await opened('runs', { runs: rowsOf(make) });
  const { page } = watched;
  const folds = async () => (await page.locator('.fold').allTextContents()).map((text) => text.trim());
  assert.deepEqual(await folds(), ['2+ cells of a sweep', '1+ step of a capacity search']);
  await page.getByRole('button', { name: 'Show older runs' }).click();
  await page.getByRole('button', { name: '3 cells of a sweep' }).waitFor();
  assert.deepEqual(await folds(), ['3 cells of a sweep', '1 step of a capacity search']);
  await fine(watched);
});

test('what a filter took out of the list is no longer chosen', async () => {
  const make = (row, asked) => ({ runs: [7, 6].filter((id) => !asked.get('tag') || id === 6).map((id) => ({ ...row, id })) });
  const watched = await opened('runs', { runs: rowsOf(make) });
  const { page } = watched;
  const bar = page.locator('.compare-bar');
  await page.getByLabel('Compare run 7').check();
  assert.match(await bar.innerText(), /choose one more/);
  await page.getByLabel('Tag').fill('odd');
  await page.keyboard.press('Tab');
  await page.getByLabel('Compare run 7').waitFor({ state: 'detached' });
  assert.match(await bar.innerText(), /choose them/);
  // What is still there stays chosen.
  await page.getByLabel('Compare run 6').check();
  await page.getByLabel('Tag').fill('');
  await page.keyboard.press('Tab');
  await page.getByLabel('Compare run 7').check();
  assert.equal(await bar.locator('a').getAttribute('href'), '#/compare/6/7');
  await fine(watched);
});

test('long labels and tags make no page wider than its window', async () => {
  const tags = ['y'.repeat(60), 'nightly-against-the-candidate-of-november'];
  const tagged = rowsOf((row) => ({ runs: [{ ...row, tags }] }));
  const wide = await opened('runs', { runs: tagged });
  const frame = await wide.page.locator('.runs').evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
  assert.ok(frame.scrollWidth <= frame.clientWidth, JSON.stringify(frame));
  await fine(wide);
  const report = join(directory, 'report.html');
  assert.equal((await lmstress('report', result, '--html', report)).code, 0);
  for (const size of [phone, desktop]) {
    const run = await opened('runs/1', {}, size);
    await chartsReady(run.page);
    assert.match(await run.page.locator('.facts').first().innerText(), /x{200}/);
    assert.deepEqual(await overflowing(run.page), []);
    // Names of a word stay whole beside what is long.
    const linesOf = (node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return range.getClientRects().length;
    };
    const names = run.page.locator('.facts').first().locator('dt', { hasText: /^(Address|Directory)$/ });
    assert.equal(await names.count(), 2);
    for (const name of await names.all()) assert.equal(await name.evaluate(linesOf), 1);
    await fine(run);
    const page = await watchedPage(browser, size);
    await page.page.goto(`file://${report}`);
    await chartsReady(page.page);
    assert.deepEqual(await overflowing(page.page), []);
    await fine(page);
  }
});

test('moments are said as on the terminal, wherever the reader is', async () => {
  const moments = { started_unix_ms: Date.UTC(2026, 10, 29, 21, 40) };
  const runs = rowsOf((row) => ({ runs: [{ ...row, ...moments }] }));
  const points = [0, 6].map((hours) => ({ ...manyPoints[0], t_unix_ms: moments.started_unix_ms + hours * hour }));
  const speed = () => ({ series: [seriesOf({ points })] });
  const watched = await opened('', { runs, speed }, { timezoneId: 'Asia/Tokyo' });
  const { page } = watched;
  await chartsReady(page);
  const [row] = await tableOf(page.locator('.runs table'));
  assert.equal(row.when.text, '2026-11-29 21:40 UTC');
  const plot = page.locator('.plot').first();
  await plot.focus();
  await page.keyboard.press('End');
  assert.match(await plot.locator('.tip-head').innerText(), /^2026-11-30 03:40\sUTC$/);
  await fine(watched);
});

test('a sign and its word stay on one line', async () => {
  const runs = rowsOf((row) => ({ runs: [{ ...row, state: 'undecided', exit_code: 6 }] }));
  const watched = await opened('runs', { runs });
  assert.equal(await watched.page.locator('.runs tbody .state').textContent(), '?\u00a0undecided, valid');
  await fine(watched);
});

test('of several APIs at once the throughput stands once, for all together', async () => {
  const levels = ([level]) => [
    { ...level, api: 'lmstudio', together: false, output_tokens_per_second: null, requests_per_second: null },
    { ...level, index: 1, api: 'ollama', together: false, output_tokens_per_second: null, requests_per_second: null },
    { ...level, index: 2, api: 'lmstudio, ollama', together: true, output_tokens_per_second: 1218, ttft_p50_ms: null },
  ];
  const watched = await opened('runs/1', { 'runs/1': (real) => ({ ...real, levels: levels(real.levels) }) });
  const rows = await tableOf(watched.page.locator('table', { hasText: 'Levels' }).first());
  assert.deepEqual(
    rows.map((row) => [row.API.text, row['output, tokens/s'].text]),
    [['all APIs together', '1,218'], ['lmstudio', '–'], ['ollama', '–']],
  );
  await fine(watched);
});
