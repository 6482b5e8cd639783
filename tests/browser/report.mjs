// The report as somebody opens it who was sent the file: in Chromium, with no network.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, phone, watchedPage } from './support/browser.mjs';
import { byKeyboard, chartsReady, drawnCharts, overflowing, tableOf } from './support/checks.mjs';
import { logTicks } from '../../src/web/charts/scales.js';
import { intervalAround } from '../../src/web/shared/format.js';
import { lmstress, patient, scratch, simulator } from './support/program.mjs';
import { stretched } from './support/stretched.mjs';

const directory = scratch(after);
const results = join(directory, 'run1');
const file = join(directory, 'report.html');
let browser;
let summary;

async function written(from, to) {
  const { code, stderr } = await lmstress('report', from, '--html', to);
  assert.equal(code, 0, stderr);
}

before(async () => {
  const sim = await simulator('--fault', 'error-mid:0.1');
  const { code, stderr } = await lmstress(
    'run',
    '--url',
    sim.url,
    '--concurrency',
    '1,4',
    '--requests',
    '40',
    '--max-tokens',
    '24',
    '--events',
    '--slo',
    'ttft<500ms',
    '--out',
    results,
    ...patient,
  );
  await sim.stop();
  assert.ok([0, 4].includes(code), stderr); // 4: the requests that were made to fail
  await written(results, file);
  summary = JSON.parse(readFileSync(join(results, 'summary.json'), 'utf8'));
  browser = await launch();
});
after(() => browser?.close());

async function opened(path, options) {
  const watched = await watchedPage(browser, { offline: true, ...options });
  await watched.page.goto(`file://${path}`);
  await chartsReady(watched.page);
  return watched;
}

/** The report with other data in it: what a page does with what a run in a second does not bring forth. */
function altered(name, change) {
  const html = readFileSync(file, 'utf8');
  const [whole, open, text] = html.match(/(<script type="application\/json"[^>]*>)(.*?)<\/script>/s);
  const data = JSON.parse(text);
  change(data);
  const path = join(directory, name);
  writeFileSync(
    path,
    html.replace(whole, () => `${open}${JSON.stringify(data)}</script>`),
  );
  return path;
}

async function fine({ context, troubles, requests }) {
  assert.deepEqual(troubles, []);
  assert.deepEqual(requests, []);
  await context.close();
}

test('all charts hold something', async () => {
  const watched = await opened(file);
  const charts = await drawnCharts(watched.page);
  assert.ok(charts.length >= 8, `only ${charts.length} charts`);
  for (const { title, coloured } of charts) assert.ok(coloured > 60, `${title}: ${coloured} pixels`);
  await fine(watched);
});

test('values in the tables are those of summary.json', async () => {
  const watched = await opened(file);
  const rows = await tableOf(watched.page.locator('.levels table').first());
  assert.equal(rows.length, summary.levels.length);
  const shown = (value) => value.toLocaleString('en-US', { maximumFractionDigits: 3 });
  for (const [index, level] of summary.levels.entries()) {
    const expected = {
      'TTFT p50, ms': level.metrics.ttft_ms.p50,
      'TTFT p95, ms': level.metrics.ttft_ms.p95,
      'ITL p50, ms': level.metrics.itl_ms.p50,
      'E2E p50, ms': level.metrics.e2e_ms.p50,
      'throughput,': level.throughput.output_tokens_per_second,
    };
    for (const [begin, value] of Object.entries(expected)) {
      const cell = Object.entries(rows[index]).find(([head]) => head.startsWith(begin))[1];
      assert.equal(cell.value, value, begin);
      // in brackets where n is too small for an interval
      assert.ok(cell.text.replace('(', '').startsWith(shown(value)), `${begin}: ${cell.text}`);
    }
  }
  // the table beside a chart as well
  const chart = watched.page.locator('figure', { hasText: 'Throughput over' }).first();
  await chart.locator('summary').click();
  const beside = await tableOf(chart.locator('table'));
  assert.deepEqual(
    beside.map((row) => Object.values(row)[1].value),
    summary.levels.map((level) => level.throughput.output_tokens_per_second),
  );
  await fine(watched);
});

test('the pointer and the arrow keys tell values', async () => {
  const watched = await opened(file);
  const { page } = watched;
  const chart = page.locator('figure', { hasText: 'Throughput over' }).first();
  const plot = chart.locator('.plot');
  await plot.scrollIntoViewIfNeeded();
  const box = await chart.locator('.u-over').boundingBox();
  await page.mouse.move(box.x + 6, box.y + box.height / 2);
  await plot.locator('.tip').waitFor({ state: 'visible' });
  const first = summary.levels[0].throughput.output_tokens_per_second;
  assert.match(await plot.locator('.tip-head').innerText(), /^1 stream/);
  assert.match(
    await plot.locator('.tip dd').innerText(),
    new RegExp(`^${first >= 100 ? Math.round(first) : first.toFixed(1).replace(/\.0$/, '')} (output )?tokens/s`),
  );
  await page.mouse.move(0, 0);
  await plot.locator('.tip').waitFor({ state: 'hidden' });
  await plot.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.match(await plot.locator('.tip-head').innerText(), /^4 streams/);
  await page.keyboard.press('Escape');
  await plot.locator('.tip').waitFor({ state: 'hidden' });
  for (const title of ['over time', 'percentiles', 'Requests over time']) {
    const other = page.locator('figure', { hasText: title }).first().locator('.plot');
    await other.focus();
    await page.keyboard.press('End');
    assert.ok((await other.locator('.tip').innerText()).length > 5, title);
  }
  await fine(watched);
});

test('both ends of an interval are in the unit of its value', () => {
  assert.equal(intervalAround(2730, [2001, 3426], 'ms'), '2 to 3.43 s');
  assert.equal(intervalAround(980, [810, 1310], 'ms'), '810 to 1,310 ms');
  assert.equal(intervalAround(66, [61.2, null], 'ms'), 'from 61.2 ms');
  assert.equal(intervalAround(99, [96, 100], '%', true), '96 to 100');
  assert.equal(intervalAround(52, [51.3, 52.8], 'tokens/s (p50)'), '51.3 to 52.8 tokens/s');
  assert.equal(intervalAround(99, null, '%'), '');
});

test('a logarithmic axis has ticks along all of it, however narrow', () => {
  const ticks = (low, high) => {
    const at = (value) => 260 * (1 - Math.log(value / low) / Math.log(high / low));
    return logTicks(low, high)({ valToPos: at }).map((value) => at(value));
  };
  for (const [low, high] of [
    [61.9, 64.2],
    [101, 189],
    [0.31, 0.33],
    [5, 9],
    [3, 900],
  ]) {
    const places = [260, ...ticks(low, high), 0];
    const gaps = places.slice(1).map((place, index) => places[index] - place);
    assert.ok(places.length >= 5, `${low} to ${high}: ${places}`);
    assert.ok(Math.max(...gaps) < 120, `${low} to ${high}: ${gaps}`);
  }
});

test('a run whose requests all failed has no green badge and no figures on top', async () => {
  const sim = await simulator('--fault', '500');
  const none = join(directory, 'none');
  const args = ['--concurrency', '1,2', '--requests', '10', '--max-tokens', '8', '--out', none, ...patient];
  const { code, stderr } = await lmstress('run', '--url', sim.url, ...args);
  await sim.stop();
  assert.equal(code, 3, stderr);
  const path = join(directory, 'none.html');
  await written(none, path);
  const watched = await opened(path);
  const { page } = watched;
  assert.equal(await page.locator('.headline .badge').innerText(), '✕ not measured');
  assert.match(await page.locator('.headline').innerText(), /^Nothing was measured: 20 of 20 requests ended as /);
  assert.equal(await page.locator('.verdict .tiles').count(), 0);
  assert.equal(await page.getByText('The most output').count(), 0);
  await fine(watched);
});

test('the badge says what the exit code does', async () => {
  const failed = [{ threshold: 'ttft_ms.p95 < 1', level: 0, value: 9, ci95: null, verdict: 'fail' }];
  for (const [exit_code, thresholds, wanted] of [
    [0, [], '✓ valid'],
    [4, [], '✕ requests failed'],
    [4, failed, '✕ threshold failed'],
    [6, [], '? undecided, valid'],
    [3, [], '✕ not measured'],
  ]) {
    const path = altered('badge.html', (data) => {
      Object.assign(data.verdict, { valid: true, complete: true, headline: 'It is 95 % of it.' });
      Object.assign(data.runs[0], { exit_code, thresholds });
    });
    const watched = await opened(path);
    assert.equal(await watched.page.locator('.headline .badge').innerText(), wanted);
    assert.ok((await watched.page.locator('.headline').textContent()).startsWith('It is 95\u00a0% of it.'));
    await fine(watched);
  }
});

test('of several runs the badge says which it is of', async () => {
  const watched = await opened(
    altered('badges.html', (data) => {
      Object.assign(data.verdict, { valid: true, complete: true });
      Object.assign(data.runs[0], { exit_code: 0 });
      data.runs.push({ ...structuredClone(data.runs[0]), name: 'other', exit_code: 4 });
    }),
  );
  assert.equal(await watched.page.locator('.headline .badge').innerText(), '✕ other: requests failed');
  await fine(watched);
});

test('a bound that is off is none that holds, and an error that was not measured is said to be so', async () => {
  const watched = await opened(file);
  const { page } = watched;
  const rows = await tableOf(page.locator('table', { hasText: 'bounds of a valid run' }));
  const { bounds } = summary.validity;
  const off = Object.values(bounds).filter(({ limit }) => limit === null).length;
  assert.ok(off > 0);
  assert.equal(rows.filter((row) => row.holds.text === 'off').length, off);
  assert.equal(rows.filter((row) => row.holds.text === '✓ yes').length, rows.length - off);
  const said = new RegExp(`every bound that is set holds \\(${off} off\\)`);
  assert.match(await page.locator('.verdict').innerText(), said);
  assert.ok(await page.getByText('Not measured on this host: lmstress selfcheck measures it.').isVisible());
  await fine(watched);
});

test('objectives that differ have no line in common', async () => {
  const watched = await opened(
    altered('objectives.html', (data) => {
      const other = structuredClone(data.series[0]);
      other.name = 'other';
      other.slo.objective = 'ttft < 2 s';
      data.series.push(other);
    }),
  );
  const chart = watched.page.locator('figure', { hasText: 'Requests that met the objective' }).first();
  const legend = await chart.locator('.legend').innerText();
  assert.match(legend, /other: ttft < 2 s in 95 % of the requests/);
  assert.match(legend, /: ttft < 500 ms in 95 % of the requests/);
  assert.match(await chart.locator('figcaption').innerText(), /Each line is of the objective that its own requests/);
  await fine(watched);
});

test('of a capacity search the figures on top are of the load that was found', async () => {
  const watched = await opened(
    altered('capacity.html', (data) => {
      data.series[0].points.at(-1).figures.output_tokens_per_second.value = 1e6;
      const low = { load: 1, verdict: 'holds' };
      const said = { name: 'c', of: 'users', objective: 'o', attainment: 0.95, answer: 'One.' };
      data.capacities = [{ ...said, low, high: null, steps: [] }];
    }),
  );
  assert.ok(await watched.page.getByText('With 1 stream, the capacity that was found').isVisible());
  await fine(watched);
});

test('what is not known keeps its place, and is said', async () => {
  const path = altered('beyond.html', (data) => {
    data.verdict.complete = false;
    const [first, second] = data.series[0].points;
    first.figures.e2e_p95_ms = { value: 500, ci95: [400, null] };
    second.figures.e2e_p95_ms = { value: null, ci95: null, beyond: 1234 };
    delete second.figures.ttft_p95_ms;
    first.figures.itl_p50_ms.ci95 = null;
  });
  const watched = await opened(path);
  const { page } = watched;
  assert.equal(await page.locator('.headline .badge').innerText(), '✕ cut short');
  const [first, second] = await tableOf(page.locator('.levels table').first());
  assert.match(first['E2E p95, ms'].text, /^\(500\)from 400$/);
  assert.match(first['ITL p50, ms'].text, /^\([\d.,]+\)$/);
  assert.equal(second['E2E p95, ms'].text, '> 1,234');
  assert.equal(second['TTFT p95, ms'].text, '–');
  assert.equal(second.requests.value, summary.levels[1].requests.offered);
  assert.equal(second['window, s'].value, summary.levels[1].throughput.window_seconds);
  const chart = page.locator('figure', { hasText: 'Whole request' }).first();
  await chart.locator('.plot').focus();
  await page.keyboard.press('End');
  assert.match(await chart.locator('.tip').innerText(), /4 streams[^]*E2E p95\s*over 1.23 s/);
  await page.keyboard.press('Home');
  assert.match(await chart.locator('.tip').innerText(), /500 ms \(from 400 ms\)/);
  assert.match(await chart.locator('.legend').innerText(), /an arrow where n is too small[^]*beyond what was seen/);
  await fine(watched);
});

test('what a drawing leaves out is said beside it', async () => {
  const path = altered('left-out.html', (data) => {
    data.series[0].points[1].valid = false;
    const detail = data.details.at(-1);
    const gaps = detail.heatmaps.find(({ metric }) => metric === 'event_gap_ms');
    gaps.zeros = 767;
    gaps.cells = [0, 0, 1, 1, 1, 2];
    const e2e = detail.percentiles.find(({ metric }) => metric === 'e2e_ms');
    Object.assign(e2e, { count: 40, cut: 3 });
    const request = detail.timeline.requests.at(-1);
    Object.assign(request, { stalls: [[request.at, 0.5]], stall_count: 20, stalled: 3.5 });
  });
  const watched = await opened(path);
  const { page } = watched;
  assert.ok(await page.getByText('With 1 stream, where the output was greatest among the valid runs').isVisible());
  const gaps = page.locator('figure', { hasText: 'Gap between events over time' });
  assert.match(await gaps.locator('figcaption').innerText(), /Not drawn: 767 gaps of 0,/);
  assert.equal(await gaps.locator('.ramp .swatch').count(), 2);
  const e2e = page.locator('figure', { hasText: 'E2E, percentiles' });
  assert.match(await e2e.locator('figcaption').innerText(), /40 requests, and 3 more that were cut before\./);
  const timeline = page.locator('figure', { hasText: 'Requests over time' });
  await timeline.locator('.plot').focus();
  await page.keyboard.press('End');
  assert.match(await timeline.locator('.tip').innerText(), /20 stalls\s*3.5 s/);
  await fine(watched);
});

test('paper has all that stands behind a click, and the screen is as before after it', async () => {
  const watched = await opened(
    altered('notes.html', (data) => {
      data.verdict.notes = Array.from({ length: 12 }, (_, index) => `Note number ${index}.`);
    }),
  );
  const { page } = watched;
  const last = page.getByText('Note number 11.');
  const scenario = page.getByLabel('Scenario of run1');
  assert.equal(await last.isVisible(), false);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.ok(await last.isVisible());
  assert.ok(await scenario.isVisible());
  assert.equal(await page.locator('.as-table table').count(), 0);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: 'screen' });
  assert.equal(await last.isVisible(), false);
  await fine(watched);
});

test('of an open loop latencies are from the arrival, and the axis has its unit', async () => {
  const sim = await simulator();
  const rates = join(directory, 'rates');
  const { code, stderr } = await lmstress(
    'run',
    '--url',
    sim.url,
    '--rate',
    '20,40,60',
    '--duration',
    '1s',
    '--max-tokens',
    '8',
    '--threshold',
    'ttft_ms.p50 < 10000',
    '--out',
    rates,
    ...patient,
  );
  await sim.stop();
  assert.ok([0, 6].includes(code), stderr);
  const path = join(directory, 'rates.html');
  await written(rates, path);
  const { levels } = JSON.parse(readFileSync(join(rates, 'summary.json'), 'utf8'));
  const watched = await opened(path);
  const { page } = watched;
  const rows = await tableOf(page.locator('.levels table').first());
  assert.equal(rows.length, 3);
  for (const [index, level] of levels.entries()) {
    assert.equal(rows[index]['TTFT from the arrival p95, ms'].value, level.metrics.ttft_intended_ms.p95);
    assert.equal(rows[index]['E2E from the arrival p50, ms'].value, level.metrics.e2e_intended_ms.p50);
    assert.equal(rows[index]['sent, requests/s'].value, level.load.achieved_rate);
  }
  const throughput = page.locator('figure', { hasText: 'Throughput over rate of arrivals' }).first();
  assert.match(await throughput.locator('.plot').getAttribute('aria-label'), /over rate of arrivals, requests\/s\./);
  const ttft = page.locator('figure', { hasText: 'Time to first token' }).first();
  assert.match(await ttft.locator('figcaption').innerText(), /From when a request arrived/);
  const thresholds = await tableOf(page.locator('table', { hasText: 'Thresholds' }));
  assert.deepEqual(
    thresholds.map((row) => row.load.text),
    ['20 requests/s', '40 requests/s', '60 requests/s'],
  );
  await fine(watched);
});

test('of several APIs at once throughput stands once', async () => {
  const sim = await simulator();
  const apis = join(directory, 'apis');
  const { code, stderr } = await lmstress(
    'run',
    '--url',
    sim.url,
    '--api',
    'lmstudio,openai-chat',
    '--concurrency',
    '2,4',
    '--requests',
    '12',
    '--max-tokens',
    '8',
    '--out',
    apis,
    ...patient,
  );
  await sim.stop();
  assert.equal(code, 0, stderr);
  const path = join(directory, 'apis.html');
  await written(apis, path);
  const { levels } = JSON.parse(readFileSync(join(apis, 'summary.json'), 'utf8'));
  const watched = await opened(path);
  const rows = await tableOf(watched.page.locator('.levels table').first());
  const throughput = (row) => Object.entries(row).find(([head]) => head.startsWith('throughput,'))[1];
  const together = levels
    .filter(({ concurrency }) => concurrency === 4)
    .reduce((sum, level) => sum + level.throughput.output_tokens_per_second, 0);
  assert.equal(rows.length, 6);
  assert.ok(Math.abs(throughput(rows[1]).value - together) < 1e-6);
  for (const row of rows.slice(2)) assert.equal(throughput(row).text, '–');
  assert.match(await watched.page.locator('.headline').innerText(), /over lmstudio, openai-chat together/);
  await fine(watched);
});

test('dark where the system is, light and dark by the switch, light on paper', async () => {
  const watched = await opened(file, { colorScheme: 'dark' });
  const { page } = watched;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
  assert.ok((await ground()).every((part) => part < 60));
  const charts = await drawnCharts(page);
  await page.getByRole('button', { name: 'Dark colours' }).click();
  assert.ok((await ground()).every((part) => part > 200));
  assert.notDeepEqual(await drawnCharts(page), charts);
  await page.getByRole('button', { name: 'Dark colours' }).click();
  const pdf = await page.pdf({ format: 'A4', printBackground: true });
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  assert.ok(
    (await ground()).every((part) => part < 60),
    'dark again after printing',
  );
  await fine(watched);
});

test('the keyboard alone reaches everything, and one sees where it is', async () => {
  const watched = await opened(file);
  const { wanted, missed, unseen } = await byKeyboard(watched.page);
  assert.ok(wanted > 30);
  assert.deepEqual(missed, []);
  assert.deepEqual(unseen, []);
  await fine(watched);
});

test('on a phone nothing sticks out', async () => {
  const watched = await opened(file, phone);
  assert.deepEqual(await overflowing(watched.page), []);
  await fine(watched);
});

test('a name and an answer with <script> show as text', async () => {
  const hostile = "</script><script>document.title='broken'</script><img src=x onerror=document.title='broken'>";
  const copy = join(directory, 'hostile');
  cpSync(results, copy, { recursive: true });
  for (const name of ['run.jsonl', 'requests.jsonl']) {
    const path = join(copy, name);
    writeFileSync(
      path,
      readFileSync(path, 'utf8')
        .replaceAll('qwen/qwen3-4b', hostile)
        .replaceAll(/"message":"[^"]+"/g, () => `"message":"${hostile}"`),
    );
  }
  const path = join(directory, 'hostile.html');
  await written(copy, path);
  const watched = await opened(path);
  assert.ok((await watched.page.title()).startsWith(hostile.slice(0, 20)));
  const text = await watched.page.locator('main').innerText();
  assert.ok(text.split(hostile).length > 2, 'the model in the verdict, and the answer among the errors');
  assert.equal(await watched.page.locator('main img').count(), 0);
  await fine(watched);
});

test('of 12 levels of 5,000 requests the page stays under a megabyte', async () => {
  const data = readFileSync(file, 'utf8').match(/<script type="application\/json"[^>]*>(.*?)<\/script>/s)[1];
  assert.ok(statSync(file).size - Buffer.byteLength(data) < 300e3, 'the page without data');
  const large = join(directory, 'large');
  stretched(results, large, { levels: 12, requests: 5000 });
  const path = join(directory, 'large.html');
  await written(large, path);
  assert.ok(statSync(path).size < 1e6, `${statSync(path).size} bytes`);
  const watched = await opened(path);
  const rows = await tableOf(watched.page.locator('.levels table').first());
  assert.equal(rows.length, 12);
  for (const { title, coloured } of await drawnCharts(watched.page))
    assert.ok(coloured > 60, `${title}: ${coloured} pixels`);
  await fine(watched);
});
