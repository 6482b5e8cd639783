// The values under the pointer, or under the arrow keys once the chart has the focus.
import { el, fill } from '../shared/dom.js';

/**
 * `source` knows what can be pointed at:
 *   items()              all of it, in the order of the arrow keys
 *   find(left, top)      the item at a place within the plot, in CSS pixels, or null
 *   place(item)          {left, top?}: where it is; without top a line from top to bottom marks it
 *   tell(item)           {head, rows: [{sample?, name, value}]}
 *   move(item, key)      optional: the item above or below, for ArrowUp and ArrowDown
 */
export function attachHover(frame, over, source) {
  const tip = el('div', { class: 'tip', role: 'status', hidden: true });
  const line = el('div', { class: 'tip-line', hidden: true });
  frame.append(tip);
  over.append(line);
  let at = null;

  function show(item) {
    at = item;
    tip.hidden = line.hidden = item === null;
    if (item === null) return;
    const { head, rows } = source.tell(item);
    fill(
      tip,
      el('p', { class: 'tip-head' }, head),
      el(
        'dl',
        {},
        rows.map(({ sample, name, value }) =>
          el('div', {}, el('dt', {}, sample?.cloneNode(true), name), el('dd', {}, value)),
        ),
      ),
    );
    const { left, top } = source.place(item);
    line.className = top === undefined ? 'tip-line' : 'tip-dot';
    line.style.left = `${left}px`;
    line.style.top = `${top ?? 0}px`;
    const origin = { left: over.offsetLeft + left, top: over.offsetTop + (top ?? over.clientHeight * 0.3) };
    const room = frame.clientWidth;
    const beside = origin.left + 14 + tip.offsetWidth <= room ? origin.left + 14 : origin.left - 14 - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(beside, room - tip.offsetWidth))}px`;
    tip.style.top = `${Math.max(0, origin.top - tip.offsetHeight / 2)}px`;
  }

  over.addEventListener('pointermove', (event) => {
    const box = over.getBoundingClientRect();
    show(source.find(event.clientX - box.left, event.clientY - box.top));
  });
  over.addEventListener('pointerdown', (event) => {
    const box = over.getBoundingClientRect();
    show(source.find(event.clientX - box.left, event.clientY - box.top));
  });
  over.addEventListener('pointerleave', (event) => {
    if (event.pointerType === 'mouse') show(null);
  });

  const keys = {
    ArrowRight: (all, index) => all[Math.min(index + 1, all.length - 1)],
    ArrowLeft: (all, index) => all[Math.max(index - 1, 0)],
    Home: (all) => all[0],
    End: (all) => all.at(-1),
  };
  const press = (event) => {
    if (event.key === 'Escape') return show(null);
    const all = source.items();
    if (all.length === 0) return;
    let next;
    if (keys[event.key]) next = keys[event.key](all, at === null ? -1 : all.indexOf(at));
    else if (at !== null && source.move && /^Arrow(Up|Down)$/.test(event.key)) next = source.move(at, event.key);
    if (next === undefined) return;
    event.preventDefault();
    show(next);
  };
  const blur = () => show(null);
  frame.addEventListener('keydown', press);
  frame.addEventListener('blur', blur);
  return {
    hide: blur,
    detach() {
      frame.removeEventListener('keydown', press);
      frame.removeEventListener('blur', blur);
      tip.remove();
      line.remove();
    },
  };
}
