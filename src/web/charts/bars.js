// Bars within a table: a length to look at beside the number, with its interval as a line where there is one.
import { el } from '../shared/dom.js';
import { intervalAround, quantity } from '../shared/format.js';
import { table } from '../shared/table.js';

const part = (value, most) => `${Math.max(0, Math.min(100, (value / most) * 100))}%`;

export function bar(value, most, { ci95, kind = '' } = {}) {
  const length = el('span', { class: `bar-length ${kind}` });
  length.style.width = part(value ?? 0, most);
  const whole = el('span', { class: 'bar', 'aria-hidden': 'true' }, length);
  if (ci95 && ci95[0] !== null && ci95[1] !== null) {
    const whisker = el('span', { class: 'bar-interval' });
    whisker.style.left = part(ci95[0], most);
    whisker.style.width = `calc(${part(ci95[1], most)} - ${part(ci95[0], most)})`;
    whole.append(whisker);
  }
  return whole;
}

/** rows: [{name, value, ci95?, kind?, more?: [cells]}]; longer is more. */
export function barTable({ caption, unit, nameOf, valueName, rows, more = [], captionHidden = true }) {
  const most = Math.max(...rows.map(({ value, ci95 }) => Math.max(value ?? 0, ci95?.[1] ?? 0)), 1e-9);
  return table({
    caption,
    captionHidden,
    class: 'bars',
    columns: [nameOf, { name: '', class: 'bar-cell' }, { name: valueName, numeric: true }, ...more],
    rows: rows.map((row) => [
      row.name,
      bar(row.value, most, row),
      {
        number: row.value,
        text: el(
          'span',
          {},
          quantity(row.value, unit),
          row.ci95 && el('small', {}, ` ${intervalAround(row.value, row.ci95, unit, true)}`),
        ),
      },
      ...(row.more ?? []),
    ]),
  });
}

/** One bar cut into parts: parts [{name, kind, value}] of the same unit. */
export function partsBar(parts, unit) {
  const whole = parts.reduce((sum, { value }) => sum + value, 0) || 1;
  return el(
    'div',
    { class: 'parts' },
    el(
      'div',
      { class: 'parts-bar', 'aria-hidden': 'true' },
      parts.map(({ kind, value }) => {
        const piece = el('span', { class: `swatch ${kind}` });
        piece.style.width = part(value, whole);
        return piece;
      }),
    ),
    el(
      'ul',
      { class: 'legend' },
      parts.map(({ name, kind, value }) =>
        el(
          'li',
          {},
          el(
            'span',
            { class: 'entry' },
            el('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }),
            `${name} `,
            el('strong', { 'data-value': value }, quantity(value, unit)),
          ),
        ),
      ),
    ),
  );
}
