// How to do it again: the exact command, and the scenario as it was in effect.
import { copyButton, el } from '../shared/dom.js';
import { section } from './section.js';

function commandBlock({ name, command, note, scenario }, several) {
  // a line breaks between words, not within --flags
  const words = command.split(' ').flatMap((word, index) => [index > 0 && ' ', el('span', { class: 'word' }, word)]);
  const code = el('code', {}, words);
  return el(
    'div',
    { class: 'block' },
    several && el('h3', {}, name),
    note && el('p', { class: 'note' }, note),
    el(
      'div',
      { class: 'command' },
      el('pre', { tabindex: 0, 'aria-label': `Command of ${name}` }, code),
      copyButton(() => command, code),
    ),
    scenario?.target?.headers &&
      el('p', { class: 'note' }, 'The values of headers are not kept with a result: put yours in place of "...".'),
    scenario &&
      el(
        'details',
        {},
        el('summary', {}, 'The scenario as it was in effect'),
        el('pre', { tabindex: 0, 'aria-label': `Scenario of ${name}` }, JSON.stringify(scenario, null, 2)),
      ),
  );
}

export function reproduceSection(data) {
  const all = data.reproduce ?? [];
  return section(
    'How to reproduce it',
    all.map((one) => commandBlock(one, all.length > 1)),
  );
}
