// Tables: with a caption, the head of each row and column marked as such, numbers to the right.
import { el, uniqueId } from './dom.js';
import { exact } from './format.js';

/** A cell of text, of a number (`{number, text?}`), or a node as it is. */
function cell(value, column, index) {
  const isNumber = typeof value === 'number' || value?.number !== undefined;
  const number = typeof value === 'number' ? value : value?.number;
  const content = isNumber ? (value?.text ?? exact(number)) : (value ?? '');
  const attributes = { class: isNumber || column?.numeric ? 'number' : column?.class };
  if (isNumber && number !== null) attributes['data-value'] = number;
  return index === 0 ? el('th', { scope: 'row', ...attributes }, content) : el('td', attributes, content);
}

/**
 * columns: names, or {name, numeric, class}. rows: lists of cells, the first of each being its head; or {cells, ...} with
 * the attributes of the row; or {across, ...} with what stands in one cell over all columns. Wide tables scroll within their own frame, which the keyboard reaches too.
 */
export function table({ caption, columns, rows, captionHidden = false, class: kind = '' }) {
  const id = uniqueId('table');
  const heads = columns.map((column) => (typeof column === 'string' ? { name: column } : column));
  return el(
    'div',
    { class: `table-frame ${kind}`, role: 'region', 'aria-labelledby': id, tabindex: 0 },
    el(
      'table',
      {},
      el('caption', { id, class: captionHidden && 'visually-hidden' }, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          heads.map((head) => el('th', { scope: 'col', class: head.numeric ? 'number' : head.class }, head.name)),
        ),
      ),
      el(
        'tbody',
        {},
        rows.map((row) => {
          const { cells, across, ...attributes } = Array.isArray(row) ? { cells: row } : row;
          if (across !== undefined) return el('tr', attributes, el('td', { colspan: heads.length }, across));
          return el(
            'tr',
            attributes,
            cells.map((value, index) => cell(value, heads[index], index)),
          );
        }),
      ),
    ),
  );
}

/** `make()` gives a table's options; it is made when somebody opens it. */
export function tableOnDemand(name, make) {
  const details = el('details', { class: 'as-table' }, el('summary', {}, name));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(table(make()));
  });
  return details;
}
