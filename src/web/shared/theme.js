// Light or dark: as the system wants it until somebody chooses. Paper is always light.
import { el } from './dom.js';

const key = 'lmstress-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();
let choice = stored();
let printing = false;

function stored() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a page from a file may not have a storage
  }
}

function store() {
  try {
    localStorage.setItem(key, choice);
  } catch {
    // then the choice lasts as long as the page
  }
}

const wanted = () => (printing ? 'light' : (choice ?? (system.matches ? 'dark' : 'light')));

function apply() {
  document.documentElement.dataset.theme = wanted();
  for (const listener of listeners) listener(printing);
}

/** Calls `listener(printing)` whenever the colours, or paper and screen, changed. */
export const onThemeChange = (listener) => listeners.add(listener);

export function themeSwitch() {
  const button = el('button', { type: 'button', class: 'quiet theme', 'aria-label': 'Dark colours' });
  const show = () => {
    const dark = wanted() === 'dark';
    button.setAttribute('aria-pressed', String(dark));
    button.textContent = dark ? '☀ Light' : '☾ Dark';
  };
  button.addEventListener('click', () => {
    choice = wanted() === 'dark' ? 'light' : 'dark';
    store();
    apply();
  });
  onThemeChange(show);
  show();
  return button;
}

system.addEventListener('change', apply);
// Paper has no click: what stands behind one is opened, but for the tables beside the charts.
let opened = [];
addEventListener('beforeprint', () => {
  printing = true;
  opened = [...document.querySelectorAll('details:not([open], .as-table)')];
  for (const details of opened) details.open = true;
  apply();
});
addEventListener('afterprint', () => {
  printing = false;
  for (const details of opened) details.open = false;
  apply();
});
apply();
