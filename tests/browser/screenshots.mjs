// Pictures for the README: the report, the dashboard and the terminal, of the built-in server under load.
//
//   run screenshots LMSTRESS DIRECTORY
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { launch } from './support/browser.mjs';
import { chartsReady } from './support/checks.mjs';
import { lmstress, server } from './support/program.mjs';
import { terminalPage } from './support/terminal.mjs';

const into = resolve(process.argv[2]);
const work = mkdtempSync(join(tmpdir(), 'lmstress-pictures-'));
const history = join(work, 'history.db');
const load = [
  '--max-tokens',
  '60',
  '--synthetic',
  'lognormal:300,0.6',
  '--slo',
  'ttft<1s,tpot<30ms',
  '--history',
  history,
];
mkdirSync(into, { recursive: true });

const busy = 'a run was not valid: take the pictures when this machine does nothing else';
const sim = (step, ...args) => server('sim', '--port', '0', '--step-base', step, ...args);
const measure = async (...args) => {
  const { code, stderr } = await lmstress(...args, ...load);
  if (![0, 4].includes(code)) throw new Error(code === 5 ? busy : stderr);
};

const browser = await launch();
async function picture(name, address, { height = 860, width = 1240, dark = false, prepare = async () => {} } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  const page = await context.newPage();
  await page.goto(address);
  await prepare(page);
  await page.screenshot({ path: join(into, `${name}.png`) });
  await context.close();
}

try {
  const [small, large] = [
    await sim('8ms', '--parallel', '4'),
    await sim('14ms', '--parallel', '8', '--model', 'google/gemma-3-12b'),
  ];
  const results = join(work, 'run1');
  const command = ['run', '--url', small.url, '--concurrency', '1,2,4,8,16', '--duration', '8s'];
  // `script` gives the program a terminal, so that it shows its colours
  const quoted = [process.env.LMSTRESS, ...command, ...load, '--events', '--quiet', '--out', results]
    .map((part) => `'${part}'`)
    .join(' ');
  const text = execFileSync('script', ['-qec', `stty cols 100 rows 60; ${quoted} || true`, '/dev/null'], {
    encoding: 'utf8',
  });
  if (!JSON.parse(readFileSync(join(results, 'summary.json'), 'utf8')).validity.valid) throw new Error(busy);
  for (const [address, streams] of [
    [small, '4,8'],
    [small, '2,4'],
    [large, '4,8'],
    [large, '8,16'],
    [small, '4,8'],
  ]) {
    await measure(
      'run',
      '--url',
      address.url,
      '--concurrency',
      streams,
      '--duration',
      '3s',
      '--out',
      join(work, `more-${Math.random()}`),
      '--quiet',
    );
  }
  const report = join(work, 'report.html');
  const made = await lmstress('report', results, '--html', report);
  if (made.code !== 0) throw new Error(made.stderr);
  const serve = await server('serve', '--port', '0', '--history', history);

  await picture('terminal', 'about:blank', {
    height: 560,
    width: 900,
    prepare: (page) =>
      page.setContent(terminalPage(`lmstress ${command.filter((part) => !/^http|--url/.test(part)).join(' ')}`, text)),
  });
  await picture('report', `file://${report}`, { prepare: chartsReady });
  await picture('report-charts', `file://${report}#load`, {
    prepare: async (page) => {
      await chartsReady(page);
      await page.locator('.charts').first().scrollIntoViewIfNeeded();
    },
  });
  await picture('report-inside', `file://${report}#inside`, {
    dark: true,
    prepare: async (page) => {
      await chartsReady(page);
      await page
        .locator('#inside .charts')
        .first()
        .evaluate((node) => scrollTo(0, node.getBoundingClientRect().top + scrollY - 70));
      await page.waitForTimeout(300);
    },
  });
  await picture('dashboard', `${serve.url}/`, { prepare: chartsReady });
  for (const { stop } of [serve, small, large]) await stop();
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}
