// A chart and all that belongs to it: its title, a sentence, its legend, and its values as a table.
import { el, uniqueId } from '../shared/dom.js';
import { together } from '../shared/format.js';
import { tableOnDemand } from '../shared/table.js';

export function figure({ title, note, legend, body, table, control, wide = false, level = 4 }) {
  const id = uniqueId('chart');
  return el(
    'figure',
    { class: `chart ${wide ? 'wide' : ''}`, 'aria-labelledby': id },
    el('figcaption', {}, el(`h${level}`, { id }, title), note && el('p', { class: 'note' }, together(note))),
    control,
    legend,
    body,
    table && tableOnDemand('Values as a table', table),
  );
}
