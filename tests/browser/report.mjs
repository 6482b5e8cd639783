// The report as somebody opens it who was sent the file: in Chromium, with no network.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, phone, watchedPage } from './support/browser.mjs';
import { byKeyboard, chartsReady, drawnCharts, overflowing, tableOf } from './support/checks.mjs';
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
      assert.ok(cell.text.startsWith(shown(value)), `${begin}: ${cell.text}`);
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
