// The report as somebody opens it who was sent the file: in Chromium, with no network.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, phone, watchedPage } from './support/browser.mjs';
import { byKeyboard, chartsReady, drawnCharts, overflowing, tableOf } from './support/checks.mjs';
import { labelRows } from '../../src/web/charts/label_rows.js';
import { logTicks } from '../../src/web/charts/scales.js';
import { intervalAround, signedPercent, together } from '../../src/web/shared/format.js';
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
function altered(name, change, from = file) {
  const html = readFileSync(from, 'utf8');
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

test('a change that rounds to nothing has no sign, and a number stays with its unit', () => {
  assert.deepEqual([-0.00001, -0, 0.00001, 0.125, -0.0042, 3.98].map(signedPercent), [
    '0 %',
    '0 %',
    '0 %',
    '+12.5 %',
    '-0.42 %',
    '+398 %',
  ]);
  assert.equal(signedPercent(null), '');
  assert.equal(together('94 % of 2 s and 300 ms with 4 streams'), '94\u00a0% of 2\u00a0s and 300\u00a0ms with 4 streams');
});

test('labels beside upright lines touch neither each other nor another line', () => {
  for (const labels of [
    [80, 90, 260].map((at) => ({ at, width: 60 })),
    [80, 120, 160, 160, 300].map((at) => ({ at, width: 130 })),
    [40, 320, 340].map((at) => ({ at, width: 110 })),
  ]) {
    const placed = labelRows(labels, 40, 360);
    assert.equal(placed.length, labels.length);
    for (const one of placed) {
      assert.ok(one.from >= 40 && one.to <= 360, JSON.stringify(one));
      for (const other of placed.filter((candidate) => candidate !== one)) {
        const apart = one.row !== other.row || one.to < other.from || other.to < one.from;
        assert.ok(apart, JSON.stringify([one, other]));
        // the line of the other goes up to its own row
        if (other.at > one.at && other.at < one.to) assert.ok(other.row < one.row, JSON.stringify([one, other]));
      }
    }
  }
  // a row is used again where there is room
  assert.deepEqual(
    labelRows([50, 200].map((at) => ({ at, width: 60 })), 40, 360).map(({ row }) => row),
    [0, 0],
  );
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
  assert.equal(await page.locator('.headline .badge').innerText(), '✕\u00a0not measured');
  assert.match(await page.locator('.headline').innerText(), /^Nothing was measured: 20 of 20 requests ended as /);
  assert.equal(await page.locator('.verdict .tiles').count(), 0);
  assert.equal(await page.getByText('The most output').count(), 0);
  await fine(watched);
});

/** What the badges beside the headline say of the report with other states. */
async function badgesWith(change) {
  const watched = await opened(
    altered('badges.html', (data) => {
      Object.assign(data.verdict, { valid: true, complete: true, headline: 'It is 95 % of it.' });
      for (const run of data.runs) Object.assign(run, { exit_code: 0, thresholds: [] });
      change(data);
    }),
  );
  const badges = await watched.page.locator('.headline .badge').allInnerTexts();
  assert.ok((await watched.page.locator('.headline').textContent()).startsWith('It is 95\u00a0% of it.'));
  await fine(watched);
  return badges.map((text) => text.replace('\u00a0', ' '));
}

test('the badge says the state of the result', async () => {
  for (const [state, wanted] of [
    ['measured', '✓ valid'],
    ['undecided', '? undecided, valid'],
    ['too_many_failed', '✕ requests failed'],
    ['threshold_failed', '✕ threshold failed'],
    ['cut_short', '✕ cut short'],
    ['not_valid', '✕ not valid'],
    ['not_measured', '✕ not measured'],
  ]) {
    const badges = await badgesWith(({ verdict }) => Object.assign(verdict, { state, states: [{ name: 'run1', state }] }));
    assert.deepEqual(badges, [wanted]);
  }
});

test('of several results each badge says which it is of', async () => {
  const of = (...states) =>
    badgesWith(({ verdict }) =>
      Object.assign(verdict, { state: 'undecided', states: states.map((state, index) => ({ name: `r${index}`, state })) }),
    );
  assert.deepEqual(await of('measured', 'undecided', 'not_measured'), ['? r1: undecided, valid', '✕ r2: not measured']);
  assert.deepEqual(await of('measured', 'measured'), ['✓ valid']);
});

test('without a state the badge says what the exit codes do', async () => {
  const failed = [{ threshold: 'ttft_ms.p95 < 1', level: 0, value: 9, ci95: null, verdict: 'fail' }];
  const withCodes = (runs) =>
    badgesWith((data) => {
      delete data.verdict.state;
      delete data.verdict.states;
      data.runs = runs.map((run, index) => ({ ...structuredClone(data.runs[0]), name: `r${index}`, ...run }));
    });
  for (const [runs, wanted] of [
    [[{ exit_code: 0 }], '✓ valid'],
    [[{ exit_code: 4 }], '✕ requests failed'],
    [[{ exit_code: 4, thresholds: failed }], '✕ threshold failed'],
    [[{ exit_code: 6 }], '? undecided, valid'],
    [[{ exit_code: 3 }], '✕ not measured'],
    [[{ exit_code: 0 }, { exit_code: 4 }], '✕ r1: requests failed'],
    // the cells of a sweep count, the steps of a search do not: they may fail
    [[{ exit_code: 3, of: { sweep: 0 } }, { exit_code: 3, of: { sweep: 0 } }], '✕ not measured'],
    [[{ exit_code: 4, of: { sweep: 0 }, thresholds: failed }], '✕ threshold failed'],
    [[{ exit_code: 4, of: { capacity: 0 } }], '✓ valid'],
  ])
    assert.deepEqual(await withCodes(runs), [wanted]);
});

test('of a sweep the figures on top are of its best cell, and say where that is INVALID', async () => {
  const sim = await simulator('--load-seconds', '0');
  const sweep = join(directory, 'sweep');
  const grid = ['--parallel', '2,4', '--concurrency', '1,4'];
  const work = ['--requests', '8', '--max-tokens', '8', '--threshold', 'ttft_ms.p95 < 0.001'];
  const { code, stderr } = await lmstress('sweep', '--url', sim.url, ...grid, ...work, '--out', sweep, ...patient);
  await sim.stop();
  assert.equal(code, 4, stderr);
  const path = join(directory, 'sweep.html');
  await written(sweep, path);
  const chosen = (data) => {
    const { variant, load } = data.sweeps[0].best;
    const run = data.runs.findIndex(({ of }) => of.variant === variant && of.load === load);
    return data.series.flatMap(({ points }) => points).find(({ levels }) => levels[0].run === run);
  };
  let wanted;
  const worse = altered(
    'sweep-worse.html',
    (data) => {
      data.verdict.valid = false;
      const best = chosen(data);
      best.valid = false;
      best.figures.output_tokens_per_second.value = 0.5; // other cells are valid, and faster
      wanted = best;
    },
    path,
  );
  const watched = await opened(worse);
  const { page } = watched;
  assert.equal(await page.locator('.tiles dd').first().getAttribute('data-value'), '0.5');
  const note = page.locator('.verdict .note', { hasText: 'the best of what was measured' });
  assert.match(await note.innerText(), new RegExp(`^With ${wanted.name}, .*INVALID$`));
  const matrix = page.locator('.matrix table').first();
  assert.deepEqual(await matrix.locator('thead th').allInnerTexts(), ['setting', '1 stream', '4 streams']);
  await page.locator('#settings select').selectOption({ label: 'TTFT p95' });
  assert.match(await page.locator('.matrix caption').innerText(), /in brackets: n too small for a 95 % interval$/);
  for (const cell of await page.locator('.matrix td .cell').allInnerTexts()) assert.match(cell, /\([\d.,]+ ms\)/);
  await fine(watched);
  const plain = await opened(path);
  assert.deepEqual(await plain.page.locator('.headline .badge').allInnerTexts(), ['✕\u00a0threshold failed']);
  assert.equal(await plain.page.locator('.verdict .note .badge').count(), 0);
  await fine(plain);
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

test('a bound of a figure that is not known is not said to hold', async () => {
  const unseen = { value: null, limit: 1, level: null, holds: true };
  const watched = await opened(
    altered('unknown.html', (data) => {
      const { bounds } = data.runs[0].validity;
      for (const name of ['read_lag_p99_ms', 'event_loop_lag_p99_ms', 'send_lag_p99_ms', 'client_cpu_share', 'little_residual'])
        bounds[name] = unseen;
    }),
  );
  const rows = await tableOf(watched.page.locator('table', { hasText: 'bounds of a valid run' }));
  const holds = (name) => rows.find((row) => row.bound.text === name).holds.text;
  assert.equal(holds('read lag p99 ms'), 'not known: too few reads for a p99');
  assert.equal(holds('event loop lag p99 ms'), 'not known: too few ticks for a p99');
  assert.equal(holds('client cpu share'), 'not known: too short for a CPU share');
  assert.equal(holds('little residual'), 'not known');
  assert.equal(holds('send lag p99 ms'), '–'); // of a closed loop
  assert.equal(holds('outcomes off'), '✓ yes');
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

test('of a capacity search the figures on top are of the load that was found, and clauses are no verdicts', async () => {
  const step = { verdict: 'holds', attainment: 1, attainment_ci95: [0.9, 1], requests: 9, output_tokens_per_second: 5 };
  const watched = await opened(
    altered('capacity.html', (data) => {
      data.series[0].points.at(-1).figures.output_tokens_per_second.value = 1e6;
      const low = { load: 1, verdict: 'holds' };
      const said = { name: 'c', of: 'users', objective: 'o', attainment: 0.95, answer: 'One.' };
      const steps = [
        { ...step, load: 1, ttft_p95_ms: 26.8, itl_p95_ms: 9.5, ttft_p95_ci95: [20, 30], itl_p95_ci95: null },
        { ...step, load: 2, ttft_p95_ms: 52.5, itl_p95_ms: null, ttft_p95_ci95: [50, null], itl_p95_ci95: null },
      ];
      const by_clause = [
        { clause: 'ttft < 500 ms', holds: 5, fails: 6 },
        { clause: 'tpot < 30 ms', holds: null, fails: 1 },
      ];
      data.capacities = [{ ...said, low, high: null, steps, by_clause }];
    }),
  );
  const { page } = watched;
  assert.ok(await page.getByText('With 1 stream, the capacity that was found').isVisible());
  const capacity = page.locator('#capacity');
  const clauses = (await capacity.locator('.sentences li').allInnerTexts()).map((text) => text.replaceAll('\u00a0', ' '));
  assert.deepEqual(clauses, [
    'ttft < 500 ms: met up to 5 users, not met with 6 users',
    'tpot < 30 ms: met at no load that was tried, not met with 1 user',
  ]);
  assert.ok(await capacity.getByText('Each clause by itself, as measured:').isVisible());
  const [first, second] = await tableOf(capacity.locator('table', { hasText: 'Each step of the search' }));
  const texts = (row) => ['TTFT p95, ms', 'ITL p95, ms'].map((head) => row[head].text);
  assert.deepEqual([texts(first), texts(second)], [
    ['26.8', '(9.5)'],
    ['(52.5)', '–'],
  ]);
  await fine(watched);
});

test('of two runs a mark says whose it is, and has its words above what was measured', async () => {
  const watched = await opened(
    altered('marks.html', (data) => {
      const [one] = data.series;
      const other = structuredClone(one);
      Object.assign(other, { name: 'other' });
      Object.assign(one.slo, { holds_up_to: 1, undecided_from: null, fails_from: 4 });
      Object.assign(other.slo, { holds_up_to: null, undecided_from: 1, fails_from: 4 });
      data.series.push(other);
    }),
  );
  const { page } = watched;
  const chart = page.locator('figure', { hasText: 'Throughput over' }).first();
  const above = () => chart.locator('.u-over').evaluate((over) => over.offsetTop);
  assert.ok((await above()) >= 2 * 14, `${await above()} px above the plot`);
  // what is written into a canvas can be read nowhere else
  const said = await page.evaluate(async () => {
    const texts = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
      if (/SLO|knee/.test(text)) texts.push({ text, y: y / devicePixelRatio });
      return fillText.call(this, text, x, y);
    };
    document.querySelector('.theme').click(); // all is drawn again
    await new Promise(requestAnimationFrame);
    return texts;
  });
  const names = said.map(({ text }) => text);
  for (const wanted of [/^(?!other).+: SLO holds up to 1$/, /^other: SLO undecided from 1$/, /^both: SLO fails from 4$/])
    assert.ok(names.some((text) => wanted.test(text)), `${wanted} in ${names}`);
  for (const { text, y } of said) assert.ok(y < (await above()), `${text} at ${y}`);
  await fine(watched);
});

test('models side by side have figures of too few requests in brackets', async () => {
  const watched = await opened(
    altered('models.html', (data) => {
      data.models = [0, 1].map((point) => ({ model: `m${point}`, quantization: null, series: 0, point }));
      const [first, second] = data.series[0].points;
      first.figures.ttft_p95_ms = { value: 12.5, ci95: [10, 20] };
      second.figures.ttft_p95_ms = { value: 13.5, ci95: [10, null] };
    }),
  );
  const table = watched.page.locator('table', { hasText: 'Each model at its most output' });
  assert.match(await table.locator('caption').innerText(), /in brackets: n too small/);
  const rows = await tableOf(table);
  assert.deepEqual(
    rows.map((row) => row['TTFT p95, ms'].text),
    ['12.5', '(13.5)'],
  );
  await fine(watched);
});

test('what is not known keeps its place, and is said', async () => {
  const path = altered('beyond.html', (data) => {
    Object.assign(data.verdict, { complete: false, state: 'cut_short' });
    const [first, second] = data.series[0].points;
    first.figures.e2e_p95_ms = { value: 500, ci95: [400, null] };
    second.figures.e2e_p95_ms = { value: null, ci95: null, beyond: 1234 };
    delete second.figures.ttft_p95_ms;
    first.figures.itl_p50_ms.ci95 = null;
  });
  const watched = await opened(path);
  const { page } = watched;
  assert.equal(await page.locator('.headline .badge').innerText(), '✕\u00a0cut short');
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
  // charts fill their cards, whatever the width of the page
  for (const share of await page.evaluate(() =>
    [...document.querySelectorAll('figure .uplot canvas')].map(
      (canvas) => canvas.getBoundingClientRect().width / canvas.closest('figure').clientWidth,
    ),
  ))
    assert.ok(share > 0.9 && share <= 1, `a chart has ${share} of its card`);
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

/** The report of the same results where the model and the server's words are `name`. */
async function openedWithName(name, stem) {
  const copy = join(directory, stem);
  cpSync(results, copy, { recursive: true });
  for (const journal of ['run.jsonl', 'requests.jsonl']) {
    const path = join(copy, journal);
    writeFileSync(
      path,
      readFileSync(path, 'utf8')
        .replaceAll('qwen/qwen3-4b', name)
        .replaceAll(/"message":"[^"]+"/g, () => `"message":"${name}"`),
    );
  }
  const path = join(directory, `${stem}.html`);
  await written(copy, path);
  return opened(path);
}

test('a mark that turns the direction of writing turns nothing', async () => {
  const watched = await openedWithName('acme/\u202e4b', 'turned');
  const text = (await watched.page.title()) + (await watched.page.locator('main').innerText());
  assert.ok(text.includes('acme/\ufffd4b'), 'the name, its mark seen and not obeyed');
  assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(text));
  await fine(watched);
});

test('a name and an answer with <script> show as text', async () => {
  const hostile = "</script><script>document.title='broken'</script><img src=x onerror=document.title='broken'>";
  const watched = await openedWithName(hostile, 'hostile');
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
