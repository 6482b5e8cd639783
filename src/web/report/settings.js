// Settings side by side: what a sweep measured, a row a setting and a column a load.
import { el, fill } from '../shared/dom.js';
import { absent, count, intervalAround, quantity, together } from '../shared/format.js';
import { table, tableOnDemand } from '../shared/table.js';
import { bracketsNote, endsOf, figureName, inBrackets, tooFew } from './figures.js';
import { choice, section, sentences } from './section.js';

const shades = 5;

function shadeOf(value, values, lowerIsBetter) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (typeof value !== 'number' || most === least) return '';
  const share = (value - least) / (most - least);
  return `shade-${Math.round((lowerIsBetter ? 1 - share : share) * (shades - 1))}`;
}

/** '4' is of streams, '1.5/s' of requests, '2x' of the slots that are in force. */
function loadName(load) {
  if (load.endsWith('x')) return `${load} the slots`;
  return load.endsWith('/s') ? load.replace('/s', ' requests/s') : count(Number(load), 'stream');
}

// A mean over runs has its own interval, or none: what is over requests is of one run.
const cellEnds = (data, cell, key) =>
  endsOf(data, { figures: cell.figures, levels: Array.from({ length: cell.runs }) }, key);

function matrix(data, sweep, key, name) {
  const { unit, lower_is_better: lower } = data.figures[key];
  const cellOf = (variant, load) => sweep.table.find((one) => one.variant === variant && one.load === load);
  const values = sweep.table.map((one) => one.figures[key]?.value).filter((value) => typeof value === 'number');
  const invalid = (variant, load) =>
    sweep.cells.some((one) => one.variant === variant && one.load === load && one.invalid);
  const few = sweep.table.some((one) => tooFew(cellEnds(data, one, key)));
  return table({
    caption: `${name}, ${unit}: ${lower ? 'less' : 'more'} is better, and darker${few ? `; ${bracketsNote}` : ''}`,
    class: 'matrix',
    columns: ['setting', ...sweep.loads.map((load) => ({ name: loadName(load), numeric: true }))],
    rows: sweep.variants.map((variant, v) => [
      variant.name,
      ...sweep.loads.map((_, l) => {
        const cell = cellOf(v, l);
        const figure = cell?.figures[key];
        if (!figure) return absent;
        if (figure.beyond !== undefined) return `> ${quantity(figure.beyond, unit)}`;
        const best = sweep.best?.variant === v && sweep.best?.load === l;
        return {
          number: figure.value,
          text: el(
            'span',
            { class: `cell ${shadeOf(figure.value, values, lower)}` },
            best && el('b', { class: 'best' }, '★ best '),
            inBrackets(quantity(figure.value, unit), cellEnds(data, cell, key)),
            figure.ci95 && el('small', {}, intervalAround(figure.value, figure.ci95, unit)),
            invalid(v, l) && el('small', {}, 'not valid'),
          ),
        };
      }),
    ]),
  });
}

function troubles(sweep) {
  const cells = sweep.cells.filter((one) => one.invalid || one.not_in_force?.length > 0);
  if (cells.length === 0) return null;
  return tableOnDemand(`${cells.length} of ${sweep.cells.length} cells have troubles`, () => ({
    caption: 'Cells that are not valid, or where a setting was not in force',
    captionHidden: true,
    columns: ['cell', { name: 'why', class: 'said' }],
    rows: cells.map((one) => [
      `${sweep.variants[one.variant].name}, ${loadName(sweep.loads[one.load])}`,
      [one.invalid, ...(one.not_in_force ?? [])].filter(Boolean).join(' '),
    ]),
  }));
}

function sweepBlock(data, sweep, number, several) {
  const keys = Object.keys(data.figures).filter((key) => sweep.table.some((one) => one.figures[key]));
  if (keys.length === 0) return null;
  const holder = el('div', {});
  const its = data.series.find((one) => one.of.sweep === number);
  const names = keys.map((key) => figureName(data, key, its));
  const show = (index) => fill(holder, matrix(data, sweep, keys[index], names[index]));
  show(0);
  const shown = (sweep.parallelism ?? [])
    .filter(({ shown: seen }) => seen !== null)
    .map(
      ({ variant, set, shown: seen }) =>
        `${sweep.variants[variant].name}: ${count(seen, 'stream')} ${seen === 1 ? 'was' : 'were'} decoded at once at most${set === seen ? ', as set' : `, where ${set} were set`}.`,
    );
  return el(
    'div',
    { class: 'block' },
    several && el('h3', {}, sweep.name),
    sweep.best && el('p', { class: 'finding' }, together(sweep.best.sentence)),
    choice({ label: 'Figure', options: names, choose: show }),
    holder,
    sentences(shown),
    troubles(sweep),
  );
}

export function settingsSection(data) {
  const sweeps = data.sweeps ?? [];
  return section(
    'Settings side by side',
    sweeps.map((sweep, number) => sweepBlock(data, sweep, number, sweeps.length > 1)),
  );
}
