import { el } from '../shared/dom.js';
import { together } from '../shared/format.js';

/** A section of the page, or null where it has nothing to show. */
export function section(title, ...content) {
  const some = content.flat(Infinity).filter((node) => node !== null && node !== undefined && node !== false);
  return some.length === 0 ? null : el('section', {}, el('h2', {}, title), some);
}

/** A name as the beginning of a title. */
export const capital = (name) => name.charAt(0).toUpperCase() + name.slice(1);

export const sentences = (list, kind = 'sentences') =>
  list?.length > 0
    ? el(
        'ul',
        { class: kind },
        list.map((text) => el('li', {}, together(text))),
      )
    : null;

/** Charts beside each other, as far as there is room. */
export const charts = (...figures) => {
  const some = figures.flat(Infinity).filter(Boolean);
  return some.length === 0 ? null : el('div', { class: 'charts' }, some);
};

/** A row of choices, of which one is in force: buttons where they are few, a list where they are many. */
export function choice({ label, options, chosen = 0, choose }) {
  if (options.length < 2) return null;
  if (options.length > 6) {
    const select = el(
      'select',
      {},
      options.map((name, index) => el('option', { value: index }, name)),
    );
    select.value = String(chosen);
    select.addEventListener('change', () => choose(Number(select.value)));
    return el('label', { class: 'choice' }, `${label} `, select);
  }
  const buttons = options.map((name, index) => {
    const button = el('button', { type: 'button', 'aria-pressed': String(index === chosen) }, name);
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      choose(index);
    });
    return button;
  });
  return el(
    'div',
    { class: 'choice', role: 'group', 'aria-label': label },
    el('span', { 'aria-hidden': 'true' }, label),
    buttons,
  );
}
