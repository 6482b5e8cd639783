// The dashboard as its user sees it, and as another page in the same browser would like to use it.
import assert from 'node:assert/strict';
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { namesThatFit } from '../../src/web/charts/scales.js';
import { axisOfChanges } from '../../src/web/dashboard/changes.js';
import { launch, phone, watchedPage } from './support/browser.mjs';
import { byKeyboard, chartsReady, drawnCharts, overflowing, tableOf } from './support/checks.mjs';
import { lmstress, patient, scratch, server, simulator } from './support/program.mjs';

const hostile = '<script>document.title="broken"</script>';
const directory = scratch(after);
const history = join(directory, 'history.db');
const results = ['one', 'two', 'hostile'].map((name) => join(directory, name));
const broken = join(directory, 'broken');
const stops = [];
let browser;
let sim;
let serve;

async function measured(url, out, wanted = 0) {
  const { code, stderr } = await lmstress(
    'run',
    '--url',
    url,
    '--concurrency',
    '1,4',
    '--requests',
    '24',
    '--max-tokens',
    '12',
    '--history',
    history,
    '--out',
    out,
    ...patient,
  );
  assert.equal(code, wanted, stderr);
}

before(async () => {
  const started = async (...args) => {
    const one = await simulator(...args);
    stops.push(one.stop);
    return one;
  };
  const other = await started('--model', hostile);
  const failing = await started('--fault', '500:0.7');
  sim = await started();
  await measured(sim.url, results[0]);
  await measured(sim.url, results[1]);
  await measured(other.url, results[2]);
  await measured(failing.url, broken, 4);
  const scenarios = join(directory, 'scenarios');
  mkdirSync(scenarios);
  writeFileSync(
    join(scenarios, 'small.jsonc'),
    `// A small load
{ "target": { "url": "${sim.url}" }, "workload": { "max_tokens": 40 }, "load": { "concurrency": 2, "duration": "60s" } }\n`,
  );
  serve = await server('serve', '--port', '0', '--history', history, '--scenarios', scenarios);
  stops.push(serve.stop);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const stop of stops) await stop();
});

async function opened(path, options) {
  const watched = await watchedPage(browser, options, (url) => url.startsWith(serve.url));
  await watched.page.goto(`${serve.url}/#/${path}`);
  await watched.page.locator('main h1').waitFor();
  return watched;
}

async function fine({ context, troubles, requests }) {
  assert.deepEqual(troubles, []);
  assert.deepEqual(
    requests.filter((url) => !url.startsWith(serve.url)),
    [],
  );
  await context.close();
}

const asked = async (path) => (await fetch(`${serve.url}/api/${path}`)).json();

test('the front page draws what was measured, names as text', async () => {
  const watched = await opened('');
  const { page } = watched;
  await chartsReady(page);
  for (const { title, coloured } of await drawnCharts(page)) assert.ok(coloured > 60, `${title}: ${coloured} pixels`);
  const stats = await asked('dashboard/stats');
  const tiles = await page.locator('.tiles dd').evaluateAll((all) => all.map((tile) => Number(tile.dataset.value)));
  if (stats.speed_summary !== null)
    assert.deepEqual(
      tiles,
      ['min', 'p50', 'avg', 'p95', 'max'].map((key) => stats.speed_summary[key]),
    );
  assert.match(await page.locator('main').innerText(), /<script>document\.title="broken"<\/script>/);
  assert.match(await page.title(), /^Overview/);
  await fine(watched);
});

test('a run has its levels as in summary.json, and the charts of the report', async () => {
  const summary = JSON.parse(readFileSync(join(results[1], 'summary.json'), 'utf8'));
  const { runs } = await asked('runs?limit=10');
  const { id } = runs.find((run) => run.directory === results[1]);
  const watched = await opened('runs');
  const { page } = watched;
  await page.locator(`a[href="#/runs/${id}"]`).click();
  await page.locator('h1', { hasText: `Run ${id}` }).waitFor();
  await chartsReady(page);
  assert.ok((await drawnCharts(page)).filter(({ coloured }) => coloured > 60).length >= 8);
  const rows = await tableOf(page.locator('table', { hasText: 'Levels' }).first());
  assert.deepEqual(
    rows.map((row) => row['TTFT p50, ms'].value),
    summary.levels.map((level) => level.metrics.ttft_ms.p50),
  );
  assert.deepEqual(
    rows.map((row) => row['output, tokens/s'].value),
    summary.levels.map((level) => level.throughput.output_tokens_per_second),
  );
  for (const [index, { metrics }] of summary.levels.entries())
    for (const [head, metric, quantile] of [
      ['TTFT p50, ms', 'ttft_ms', 'p50'],
      ['TTFT p95, ms', 'ttft_ms', 'p95'],
      ['ITL p50, ms', 'itl_ms', 'p50'],
    ]) {
      const around = metrics[metric].ci95[quantile];
      const few = around === null || around.includes(null);
      assert.match(rows[index][head].text, few ? /^\([\d.,]+\)$/ : /^[\d.,]+$/, head);
    }
  assert.ok(rows.some((row) => /^\(/.test(row['TTFT p95, ms'].text)));
  const plot = page.locator('figure', { hasText: 'Throughput over' }).locator('.plot');
  await plot.focus();
  await page.keyboard.press('End');
  assert.match(await plot.locator('.tip-head').innerText(), /^4 streams/);
  await fine(watched);
});

test('two runs that were chosen are compared, with intervals', async () => {
  const { runs } = await asked('runs?limit=10');
  const [a, b] = results.slice(0, 2).map((out) => runs.find((run) => run.directory === out).id);
  const watched = await opened('runs');
  const { page } = watched;
  for (const id of [a, b]) await page.locator(`input[type=checkbox][value="${id}"]`).check();
  await page.getByRole('link', { name: 'Compare the two' }).click();
  await page.locator('h1', { hasText: 'compared' }).waitFor();
  const told = await asked(`compare?a=${a}&b=${b}`);
  // The answer comes first, in the words of the page.
  const answers = await page.locator('.answers').innerText();
  assert.ok(told.conclusions.length > 0);
  assert.equal(answers.split('\n').filter(Boolean).length, told.conclusions.length);
  assert.doesNotMatch(answers, /_ms|per_second|\bA\b|\bB\b/);
  const rows = await tableOf(page.locator('table', { hasText: 'the figures that decide' }).first());
  const decide = told.levels[0].figures.filter((figure) => figure.decides);
  assert.deepEqual(
    rows.map((row) => row.change.value),
    decide.map((figure) => figure.change),
  );
  // The interval in which all figures that decide are together, as `lmstress compare` prints it.
  const percent = (text) => text.replaceAll(',', '').match(/-?[\d.]+(?= %)/g).map(Number);
  for (const [index, figure] of decide.entries()) {
    const text = rows[index]['95 % interval'].text;
    const between = figure.finding === 'too_few' ? null : (figure.ci95_together ?? figure.ci95);
    if (between === null || between === undefined) assert.equal(text, '');
    else
      for (const [end, shown] of percent(text).entries())
        assert.ok(Math.abs(shown - between[end] * 100) <= Math.abs(between[end]) + 0.06, `${figure.figure}: ${text}`);
  }
  assert.ok(decide.some((figure) => figure.ci95_together));
  assert.ok((await page.locator('.changes .dot').count()) > 0);
  const titles = await page.locator('.changes title').allTextContents();
  const drawn = (one) => one.decides && typeof one.change === 'number';
  assert.equal(titles.length, told.levels.flatMap(({ figures }) => figures.filter(drawn)).length);
  for (const title of titles) assert.match(title, /: [-+\d.,]+ %.*, (better|worse|n too small|no change seen)$/);
  for (const { 'that is': is } of rows) assert.match(is.text, /^(✕ worse|✓ better|● none seen|n too small)$/);
  await page.goto(`${serve.url}/#/compare/${a}/${a}`);
  await page.getByText('This compares a run with itself').waitFor();
  await fine(watched);
});

test('an axis of changes begins where something can be, and has what is on it', () => {
  for (const edges of [[-0.56, 3.98], [-0.02, 0.9], [0.001], [-0.999, -0.1], [-0.31, 0.31]]) {
    const { from, to, ticks } = axisOfChanges(edges);
    assert.ok(from >= -1 && from <= Math.max(-1, Math.min(...edges)), `${edges}: from ${from}`);
    assert.ok(to >= Math.min(3, Math.max(...edges)), `${edges}: to ${to}`);
    assert.ok(ticks.some(({ at, minor }) => Math.abs(at) < 1e-9 && !minor), `${edges}: 0`);
    // On a phone those that are named do not touch, and there are more than one.
    const named = ticks.filter(({ minor }) => !minor).map(({ at }) => (at - from) / (to - from));
    assert.ok(named.length >= 2, JSON.stringify(ticks));
    for (const [index, at] of named.entries()) assert.ok(index === 0 || at - named[index - 1] >= 0.28, `${named}`);
    assert.ok(ticks.length >= 3 && ticks.every(({ at }) => at >= from - 1e-9 && at <= to + 1e-9), JSON.stringify(ticks));
  }
  assert.ok(axisOfChanges([-0.02, 0.9]).from > -0.1); // no half of it is empty
});

test('names of percentiles leave room for each other', () => {
  const all = [0, 50, 90, 99, 99.9, 99.99, 99.999];
  assert.deepEqual(namesThatFit(all, 200), all.map((percent) => `${percent} %`));
  assert.deepEqual(namesThatFit(all, 54), ['', '50 %', '90 %', '99 %', '99.9 %', '', '99.999 %']);
  assert.deepEqual(namesThatFit([0, 50, 90], 60), ['', '50 %', '90 %']);
});

test('on a phone a comparison shows what was found', async () => {
  const { runs } = await asked('runs?limit=10');
  const [a, b] = results.slice(0, 2).map((out) => runs.find((run) => run.directory === out).id);
  const watched = await opened(`compare/${a}/${b}`, phone);
  const { page } = watched;
  await page.locator('.compared table').first().waitFor();
  assert.deepEqual(await overflowing(page), []);
  const places = await page.evaluate(() => ({
    findings: [...document.querySelectorAll('.compared tbody tr > :nth-child(2)')].map((cell) => cell.getBoundingClientRect().right),
    heights: [...document.querySelectorAll('.compared tbody tr')].map((row) => row.getBoundingClientRect().height),
    beyond: [...document.querySelectorAll('.changes text')].filter(
      (text) => text.getBoundingClientRect().right > text.closest('figure').getBoundingClientRect().right,
    ).length,
  }));
  assert.ok(places.findings.length > 0 && Math.max(...places.findings) < phone.viewport.width, `${places.findings}`);
  assert.ok(Math.max(...places.heights) < 90, `${places.heights}`);
  assert.equal(places.beyond, 0);
  await fine(watched);
});

/** Texts of a drawing that touch one another, leave their frame, or are too small to be read. */
const badTexts = (page, selector) =>
  page.locator(selector).evaluateAll((all) =>
    all.flatMap((figure) => {
      const frame = figure.getBoundingClientRect();
      const texts = [...figure.querySelectorAll('text')]
        .filter((node) => node.checkVisibility())
        .map((node) => ({ name: node.textContent, size: parseFloat(getComputedStyle(node).fontSize), box: node.getBoundingClientRect() }));
      const touch = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2;
      return texts.flatMap(({ name, size, box }, index) => [
        ...(size < 10 ? [`${name}: ${size} px`] : []),
        ...(box.left < frame.left || box.right > frame.right ? [`${name} is cut off`] : []),
        ...texts.slice(index + 1).filter((other) => touch(box, other.box)).map((other) => `${name} touches ${other.name}`),
      ]);
    }),
  );

test('on a phone nothing in a chart of changes touches or is cut off, however large they are', async () => {
  const { runs } = await asked('runs?limit=10');
  const [a, b] = results.slice(0, 2).map((out) => runs.find((run) => run.directory === out).id);
  const told = await asked(`compare?a=${a}&b=${b}`);
  for (const [changes, fewAt] of [
    [[-0.56, 3.98], 1],
    [[-0.999, -0.1], 0],
    [[0.001, 0.002], 1],
    [[2.9, -0.4], 0],
  ]) {
    const watched = await watchedPage(browser, phone, (url) => url.startsWith(serve.url));
    const { page } = watched;
    await page.route('**/api/compare?*', (route) => {
      const data = structuredClone(told);
      for (const { figures } of data.levels)
        for (const [index, figure] of figures.filter(({ decides }) => decides).entries()) {
          const change = changes[index % changes.length];
          Object.assign(figure, { change, ci95: [change - 0.1, null], ci95_together: [null, change + 0.2] });
          figure.finding = index % 3 === fewAt ? 'too_few' : change > 0 ? 'worse' : 'better';
        }
      return route.fulfill({ json: data });
    });
    await page.goto(`${serve.url}/#/compare/${a}/${b}`);
    await page.locator('.changes').first().waitFor();
    assert.ok((await page.getByText('n too small', { exact: true }).count()) > 0);
    assert.deepEqual(await badTexts(page, '.changes'), [], `${changes}`);
    await fine(watched);
  }
});

test('a comparison with a run that is not valid says so first', async () => {
  const { runs } = await asked('runs?limit=10');
  const [a, b] = [results[0], broken].map((out) => runs.find((run) => run.directory === out).id);
  const told = await asked(`compare?a=${a}&b=${b}&force=1`);
  assert.ok(told.beware.length > 0);
  const watched = await opened(`compare/${a}/${b}`);
  const again = watched.page.getByRole('button', { name: 'Compare all the same' });
  if (await again.count()) await again.click();
  const first = watched.page.locator('.card.bad', { hasText: 'Beware' });
  await first.waitFor();
  assert.match(await first.innerText(), /The run after/);
  await watched.context.close();
});

test('runs of unlike work are compared by a button, which the page names', async () => {
  const { runs } = await asked('runs?limit=10');
  const [a, b] = results.slice(0, 2).map((out) => runs.find((run) => run.directory === out).id);
  const told = await asked(`compare?a=${a}&b=${b}`);
  const watched = await watchedPage(browser, {}, (url) => url.startsWith(serve.url));
  const { page } = watched;
  await page.route('**/api/compare?*', (route) =>
    new URL(route.request().url()).searchParams.get('force') === '1'
      ? route.fulfill({ json: told })
      : route.fulfill({
          status: 409,
          json: { error: 'not the same work', advice: 'Compare them all the same with force=1.', other_work: ['the seeds differ'] },
        }),
  );
  await page.goto(`${serve.url}/#/compare/${a}/${b}`);
  const refusal = page.locator('.card.bad');
  await refusal.waitFor();
  assert.doesNotMatch(await refusal.innerText(), /force/);
  assert.match(await refusal.locator('p').first().innerText(), /Compare all the same/);
  await page.getByRole('button', { name: 'Compare all the same' }).click();
  await page.locator('h2', { hasText: 'What changed' }).waitFor();
  await watched.context.close();
});

test('what a run is worth is said in the list', async () => {
  const { runs } = await asked('runs?limit=10');
  const { id } = runs.find((run) => run.directory === broken);
  const watched = await opened('runs');
  const row = watched.page.locator('tr', { has: watched.page.locator(`a[href="#/runs/${id}"]`) });
  assert.match(await row.innerText(), /requests failed|not valid/);
  await watched.page.getByLabel('Model has').fill('no such model');
  await watched.page.keyboard.press('Tab');
  await watched.page.locator('p[role=status]', { hasText: '0 runs' }).waitFor();
  await watched.page.getByText('No run of the history is like that.').waitFor();
  assert.equal(await watched.page.locator('.runs').count(), 0);
  await fine(watched);
});

test('a row says its state and which of its figures are of too few requests', async () => {
  const watched = await opened('start');
  const { page } = watched;
  await page.route('**/api/runs?*', async (route) => {
    const page = await (await route.fetch()).json();
    const row = { ...page.runs[0], valid: true, exit_code: 4, requests: { offered: 24, completed: 23, failed: 1 } };
    page.runs = [
      { ...row, id: 901, state: 'threshold_failed', ttft_p95_ms: 12, ttft_p95_few: true, itl_p50_ms: 3, itl_p50_few: false },
      { ...row, id: 902, state: 'cut_short', exit_code: null },
      { ...row, id: 903, state: 'cut_short', exit_code: 130 },
      { ...row, id: 904, state: undefined },
    ];
    await route.fulfill({ json: page });
  });
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.locator('a[href="#/runs/904"]').waitFor();
  const rows = await tableOf(page.locator('table').first());
  assert.deepEqual(
    rows.map((row) => row.state.text),
    ['✕ threshold failed', '✕ cut short, killed', '! stopped, valid so far', '✕ requests failed'],
  );
  assert.equal(rows[0]['TTFT p95, ms'].text, '(12)');
  assert.equal(rows[0]['ITL p50, ms'].text, '3');
  await fine(watched);
});

const longName = 'lmstudio-community/Qwen3-Coder-30B-A3B-Instruct-Thinking-2507-GGUF';

/** The list of runs as if the history held `rowsOf(a row of it, what was asked for)`. */
async function listed(rowsOf, options) {
  const watched = await opened('start', options);
  await watched.page.route('**/api/runs?*', async (route) => {
    const answer = await (await route.fetch()).json();
    const { searchParams } = new URL(route.request().url());
    const row = { ...answer.runs[0], valid: true, exit_code: 0, state: 'measured', kind: 'run', group: null, tags: [] };
    const runs = rowsOf(row, searchParams);
    await route.fulfill({ json: { ...answer, runs, total: runs.length, next_before: null } });
  });
  await watched.page.getByRole('link', { name: 'Runs', exact: true }).click();
  await watched.page.locator('.runs tbody tr').first().waitFor();
  return watched;
}

const tenLong = (row) =>
  Array.from({ length: 10 }, (_, index) => ({
    ...row,
    id: 1200 + index,
    model: longName,
    quantization: 'Q4_K_M',
    parallel: 16,
    unified_kv: false,
    context_length: 131072,
    speed: 12345.6,
    speed_streams: 128,
    ttft_p95_ms: 23456.7,
    itl_p50_ms: 123.4,
    requests: { offered: 12345, completed: 12000, failed: 345 },
    state: ['threshold_failed', 'undecided', 'cut_short'][index % 3],
    exit_code: [4, 6, 130][index % 3],
    tags: ['before-the-upgrade', 'nightly'],
  }));

test('all columns of the runs fit into a window of 1280 pixels, and on a phone the first one stays', async () => {
  const wide = await listed(tenLong, { viewport: { width: 1280, height: 800 } });
  const frame = await wide.page.locator('.runs').evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
  assert.ok(frame.scrollWidth <= frame.clientWidth, JSON.stringify(frame));
  await fine(wide);
  const small = await listed(tenLong, phone);
  assert.deepEqual(await overflowing(small.page), []);
  const left = await small.page.locator('.runs').evaluate((node) => {
    node.scrollLeft = node.scrollWidth;
    return node.querySelector('tbody th').getBoundingClientRect().left - node.getBoundingClientRect().left;
  });
  assert.ok(left >= 0 && left < 2, `${left}`);
  await fine(small);
});

test('the cells of a sweep are one row, which opens by the keyboard', async () => {
  const cell = (row, index, more = {}) => ({
    ...row,
    id: 700 + index,
    kind: 'sweep',
    group: '/r/s',
    parallel: 2 ** index,
    speed: 100 * index,
    speed_streams: index,
    requests: { offered: 10, completed: 10, failed: 0 },
    ...more,
  });
  const rowsOf = (row, asked) => {
    const all = [
      { ...row, id: 710 },
      cell(row, 3),
      cell(row, 2, { state: 'threshold_failed', exit_code: 4, tags: ['odd'] }),
      cell(row, 1),
      { ...row, id: 690, kind: 'capacity', group: '/r/c', state: 'not_measured', exit_code: 3 },
      { ...row, id: 689, kind: 'capacity', group: '/r/c' },
    ];
    const tag = asked.get('tag');
    return tag ? all.filter(({ tags }) => tags.includes(tag)) : all;
  };
  const watched = await listed(rowsOf);
  const { page } = watched;
  const shown = () =>
    page.locator('.runs tbody tr:visible').evaluateAll((all) => all.map((row) => row.cells[0].innerText.split('\n')[0].trim()));
  assert.deepEqual(await shown(), ['710', '3 cells', '2 steps']);
  const rows = await tableOf(page.locator('.runs table'));
  assert.equal(rows[1].state.text, '✕ threshold failed'); // the gravest
  assert.match(rows[1].setting.text, /^3 settings\s*parallel 8$/); // of which the fastest has that
  assert.equal(rows[1]['output, tokens/s'].value, 300);
  assert.match(rows[1].load.text, /^3 streams/);
  assert.equal(rows[1].requests.value, 30);
  // A search looks for loads at which nothing completes; whether it found one that holds nobody says here.
  assert.equal(rows[5].state.text, 'valid where measured');
  const fold = page.getByRole('button', { name: '3 cells of a sweep' });
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  const controlled = (await fold.getAttribute('aria-controls')).split(' ');
  assert.equal(await page.locator(controlled.map((id) => `tr#${id}`).join(', ')).count(), 3);
  await fold.focus();
  await page.keyboard.press('Enter');
  assert.equal(await fold.getAttribute('aria-expanded'), 'true');
  assert.deepEqual(await shown(), ['710', '3 cells', '703', '702', '701', '2 steps']);
  await page.keyboard.press('Space');
  assert.deepEqual(await shown(), ['710', '3 cells', '2 steps']);
  // What a filter found within is seen.
  await page.getByLabel('Tag').fill('odd');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: '1 cell found of a sweep' }).waitFor();
  assert.deepEqual(await shown(), ['1 cell found', '702']);
  await fine(watched);
});

test('a scenario is started from the form, watched and stopped', async () => {
  const watched = await opened('start');
  const { page } = watched;
  await page.getByRole('radio', { name: /small\.jsonc/ }).check();
  await page.getByLabel('Streams').fill('3');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.locator('.tiles strong').first().waitFor();
  await page.waitForFunction(() => /^\d/.test(document.querySelectorAll('.tiles strong')[1]?.textContent ?? ''));
  assert.match(await page.locator('.tiles').innerText(), /3 streams/);
  assert.match(await page.locator('.tiles').innerText(), /1 of 1/);
  await page.waitForFunction(() => document.querySelector('figure .uplot canvas') !== null);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.locator('p[role=status]', { hasText: 'has ended' }).waitFor({ timeout: 45000 });
  // It is over: nothing is left, and nothing in flight.
  const names = await page.locator('.tiles dt').allInnerTexts();
  assert.deepEqual(names, ['level', 'speed', 'requests', 'TTFT p50']);
  assert.doesNotMatch(await page.locator('.tiles').innerText(), /in the last second/);
  const [job] = (await asked('jobs')).jobs;
  assert.equal(job.state, 'ended');
  assert.equal(job.runs.length, 1);
  await page.locator(`a[href="#/runs/${job.runs[0]}"]`).click();
  await page.locator('h1', { hasText: `Run ${job.runs[0]}` }).waitFor();
  await fine(watched);
});

test('a run that ended before it sent anything sends nobody to a directory that is not there', async () => {
  const watched = await opened('start');
  const { page } = watched;
  await page.getByRole('radio', { name: /small\.jsonc/ }).check();
  await page.getByLabel('Server address').fill('http://127.0.0.1:9');
  await page.getByRole('button', { name: 'Start' }).click();
  const state = page.locator('p[role=status]', { hasText: 'has ended' });
  await state.waitFor();
  assert.match(await state.innerText(), /Nothing of it is in the history\.\s*$/);
  await fine(watched);
});

test('a run of a terminal is followed, and a dashboard that is gone is noticed', async () => {
  const second = await server('serve', '--port', '0', '--history', history);
  const terminal = lmstress(
    ...['run', '--url', sim.url, '--concurrency', '2', '--duration', '60s', '--max-tokens', '12'],
    ...['--history', history, '--out', join(directory, 'terminal'), ...patient],
  );
  const { page, context } = await watchedPage(browser, {}, (url) => url.startsWith(second.url));
  const overview = page.getByRole('link', { name: /started/ });
  await page.goto(`${second.url}/`);
  for (let i = 0; i < 50 && (await overview.count()) === 0; ++i) {
    await page.locator('main h1').waitFor();
    await page.reload();
  }
  await overview.first().click();
  await page.waitForFunction(() => /^\d/.test(document.querySelectorAll('.tiles strong')[1]?.textContent ?? ''));
  assert.match(await page.locator('.tiles').innerText(), /2 streams/);
  assert.equal(await page.getByRole('button', { name: 'Stop' }).isVisible(), false);
  await second.stop();
  await page.locator('[role=alert]', { hasText: 'connection to the dashboard is lost' }).waitFor();
  await context.close();
  terminal.child.kill('SIGINT');
  assert.equal((await terminal).code, 130);
});

test('a page of another origin starts nothing', async () => {
  const before = (await asked('jobs')).jobs.length;
  const stranger = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end('<!doctype html><title>stranger</title>');
  });
  await new Promise((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  // Even with the token, which it could not have read, it gets no further.
  const token = (await (await fetch(`${serve.url}/`)).text()).match(/name="lmstress-token" content="([0-9a-f]+)"/)[1];
  const { page, context } = await watchedPage(browser, {}, () => true);
  await page.goto(`http://127.0.0.1:${stranger.address().port}/`);
  const outcomes = await page.evaluate(
    async ([url, right]) => {
      const body = JSON.stringify({ scenario: 'small.jsonc', overrides: {} });
      const attempt = (options) =>
        fetch(`${url}/api/jobs`, { method: 'POST', body, ...options }).then(
          (answer) => `${answer.type} ${answer.status}`,
          () => 'refused',
        );
      const read = await fetch(`${url}/`).then(
        (answer) => answer.text(),
        () => 'refused',
      );
      return [
        read,
        await attempt({ headers: { 'Content-Type': 'application/json', 'X-Lmstress-Token': right } }),
        await attempt({ mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }),
      ];
    },
    [serve.url, token],
  );
  assert.deepEqual(outcomes.slice(0, 2), ['refused', 'refused']);
  assert.ok(['refused', 'opaque 0'].includes(outcomes[2]), outcomes[2]);
  assert.equal((await asked('jobs')).jobs.length, before);
  await context.close();
  stranger.close();
});

test('the keyboard reaches everything, and on a phone nothing sticks out', async () => {
  for (const path of ['', 'runs', 'start']) {
    const watched = await opened(path, { colorScheme: 'dark' });
    const { missed, unseen } = await byKeyboard(watched.page);
    assert.deepEqual(missed, [], path);
    assert.deepEqual(unseen, [], path);
    const ground = await watched.page.evaluate(() =>
      getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number),
    );
    assert.ok(
      ground.every((part) => part < 60),
      'dark',
    );
    await fine(watched);
    const small = await opened(path, phone);
    assert.deepEqual(await overflowing(small.page), [], path);
    await fine(small);
  }
});
