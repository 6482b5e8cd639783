// Makes each page one file, script and style within it, and both a C++ source.
//
//   node build.mjs DIRECTORY      writes report.html, dashboard.html and pages.cpp there
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const pages = ['report', 'dashboard'];

// In a page nothing of a script may look like its end, nor like the beginning of a comment (HTML, "script data").
const inScript = (text) => text.replaceAll(/<(?=\/script|!--|script)/gi, '\\x3c');

async function bundled(page, entry) {
  const result = await build({
    entryPoints: [join(here, page, entry)],
    bundle: true,
    minify: true,
    write: false,
    legalComments: 'none', // LICENSES below names what is within
    charset: 'utf8',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    format: 'iife',
    logLevel: 'warning',
    absWorkingDir: here,
  });
  return result.outputFiles[0].text.trimEnd();
}

const licences = () => {
  const uplot = JSON.parse(readFileSync(join(here, 'node_modules/uplot/package.json'), 'utf8'));
  const text = readFileSync(join(here, 'node_modules/uplot/LICENSE'), 'utf8').trim();
  return `uPlot ${uplot.version}\n${text}`.replaceAll('--', '- -');
};

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

// What a page from a file may do: run its own script, in its own style, and ask nothing of anybody.
const policy = (script, style) =>
  `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; img-src data:; base-uri 'none'; form-action 'none'`;

async function html(page) {
  const style = await bundled(page, 'main.css');
  const script = inScript(await bundled(page, 'main.js'));
  const parts = { '@STYLE@': style, '@SCRIPT@': script, '@LICENCES@': licences() };
  // of the dashboard the server sends one, with a nonce of each answer
  if (page === 'report') parts['@POLICY@'] = policy(script, style);
  let text = readFileSync(join(here, page, 'page.html'), 'utf8');
  for (const [mark, part] of Object.entries(parts)) {
    if (text.split(mark).length !== 2) throw new Error(`${page}/page.html must hold ${mark} once`);
    text = text.replace(mark, () => part);
  }
  return text;
}

const cpp = (texts) => {
  const definitions = pages.map((page) => {
    if (texts[page].includes(')page"')) throw new Error(`${page}: ends its raw string`);
    return `std::string_view ${page}_page() {\n    return R"page(${texts[page]})page";\n}\n`;
  });
  return `#include "web/pages.hpp"\n\nnamespace lmstress::web {\n\n${definitions.join('\n')}\n}  // namespace lmstress::web\n`;
};

const into = resolve(process.argv[2] ?? join(here, 'build'));
mkdirSync(into, { recursive: true });
const texts = {};
for (const page of pages) {
  texts[page] = await html(page);
  writeFileSync(join(into, `${page}.html`), texts[page]);
}
writeFileSync(join(into, 'pages.cpp'), cpp(texts));
