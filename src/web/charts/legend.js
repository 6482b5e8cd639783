// The legend: a sample of each line, with its dash and marker, which shows and hides it.
import { el, svg } from '../shared/dom.js';
import { isOpen, markerPath } from './markers.js';

export function lineSample(style, { line = true } = {}) {
  return svg(
    'svg',
    { class: `sample hue-${style.hue}`, viewBox: '0 0 34 14', width: 34, height: 14, 'aria-hidden': 'true' },
    line &&
      svg('path', {
        d: 'M1 7H33',
        fill: 'none',
        stroke: 'currentColor',
        'stroke-width': 2,
        'stroke-dasharray': style.dash.join(' ') || null,
      }),
    style.marker &&
      svg('path', {
        d: markerPath(style.marker, 4),
        transform: 'translate(17 7)',
        stroke: 'currentColor',
        'stroke-width': 1.6,
        fill: isOpen(style.marker) ? 'none' : 'currentColor',
      }),
  );
}

export const swatch = (kind) => el('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' });

/** entries: [{name, sample, toggle(shown)?}] */
export function legend(entries) {
  return el(
    'ul',
    { class: 'legend' },
    entries.map(({ name, sample, toggle }) => {
      if (!toggle) return el('li', {}, el('span', { class: 'entry' }, sample, name));
      const button = el(
        'button',
        { type: 'button', class: 'entry', 'aria-pressed': 'true', title: 'Show or hide this line' },
        sample,
        name,
      );
      button.addEventListener('click', () => {
        const shown = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', String(shown));
        toggle(shown);
      });
      return el('li', {}, button);
    }),
  );
}
