// All runs, newest first, as far back as one wants; two of them can be compared.
import { el, fill } from '../shared/dom.js';
import { count } from '../shared/format.js';
import { get } from './api.js';
import { runCells } from './cells.js';
import { runsTable } from './folded.js';

const kinds = [
  ['', 'all kinds'],
  ['run', 'runs'],
  ['sweep', 'sweeps'],
  ['capacity', 'capacity searches'],
  ['compare', 'comparisons'],
];

function compareBar(chosen) {
  const link = el('a', { class: 'button', href: '#/runs' }, 'Compare the two');
  const bar = el('p', { class: 'compare-bar', role: 'status' });
  const show = () => {
    const [a, b] = [...chosen].sort((one, other) => one - other);
    link.setAttribute('href', `#/compare/${a}/${b}`);
    fill(
      bar,
      chosen.size === 2 ? link : `To compare two runs, choose ${chosen.size === 1 ? 'one more' : 'them'} in the table.`,
    );
  };
  show();
  return { bar, show };
}

export async function runsView(_, signal) {
  const chosen = new Set();
  const { bar, show } = compareBar(chosen);
  const list = el('div', {});
  const more = el('button', { type: 'button' }, 'Show older runs');
  const total = el('p', { class: 'note', role: 'status' });
  const failed = el('p', { class: 'form-error', role: 'alert' });
  const filter = { model: '', tag: '', kind: '' };
  const opened = new Map();
  let rows = [];
  let before = null;

  const choose = (run) => {
    const box = el('input', { type: 'checkbox', 'aria-label': `Compare run ${run.id}` });
    box.checked = chosen.has(run.id);
    box.addEventListener('change', () => {
      if (box.checked && chosen.size === 2) {
        // the third takes the place of the first
        const [first] = chosen;
        chosen.delete(first);
        for (const other of list.querySelectorAll('input:checked'))
          if (other !== box && other.value === String(first)) other.checked = false;
      }
      if (box.checked) chosen.add(run.id);
      else chosen.delete(run.id);
      show();
    });
    box.value = String(run.id);
    return box;
  };
  const cellsOf = (run) => {
    const [head, ...others] = runCells(run);
    return [el('span', { class: 'choose' }, choose(run), ' ', head), ...others];
  };
  const draw = () => {
    const filtered = Boolean(filter.model || filter.tag);
    if (rows.length === 0) {
      const asked = filtered || filter.kind;
      return fill(list, el('p', {}, asked ? 'No run of the history is like that.' : 'No run is in the history yet.'));
    }
    fill(list, runsTable({ caption: 'Runs', runs: rows, more: before !== null, filtered, opened, cellsOf }));
  };
  const load = async (again) => {
    let page;
    failed.textContent = '';
    try {
      page = await get('runs', { limit: 50, before: again ? null : before, ...filter });
    } catch (error) {
      failed.textContent = [error.message, error.advice].filter(Boolean).join('. ');
      return;
    }
    if (signal.aborted) return;
    if (again) opened.clear();
    rows = again ? page.runs : [...rows, ...page.runs];
    before = page.next_before;
    more.hidden = before === null;
    // what is not in the list can be neither seen nor taken back
    for (const id of chosen) if (!rows.some((run) => run.id === id)) chosen.delete(id);
    show();
    total.textContent = count(page.total, 'run');
    draw();
  };
  more.addEventListener('click', () => load(false));

  const field = (name, label) => {
    const input = el('input', { type: 'search', name, autocomplete: 'off' });
    input.addEventListener('change', () => {
      filter[name] = input.value.trim();
      load(true);
    });
    return el('label', {}, `${label} `, input);
  };
  const kind = el(
    'select',
    {},
    kinds.map(([value, name]) => el('option', { value }, name)),
  );
  kind.addEventListener('change', () => {
    filter.kind = kind.value;
    load(true);
  });

  await load(true);
  return {
    title: 'Runs',
    content: [
      el(
        'div',
        { class: 'filters', role: 'search' },
        field('model', 'Model has'),
        field('tag', 'Tag'),
        el('label', {}, 'Kind ', kind),
      ),
      failed,
      total,
      bar,
      list,
      more,
    ],
  };
}
