// The sections of a report, each only where there is data; also what the dashboard shows of a run.
import { el } from '../shared/dom.js';
import { themeSwitch } from '../shared/theme.js';
import { verdictSection } from './verdict.js';
import { concurrencySection } from './concurrency.js';
import { settingsSection } from './settings.js';
import { capacitySection } from './capacity.js';
import { insideSection } from './inside.js';
import { validitySection } from './validity.js';
import { reproduceSection } from './reproduce.js';

/** Lists of {id, name, node}. */
export function reportSections(data) {
  return [
    { id: 'verdict', name: 'Verdict', node: verdictSection(data) },
    { id: 'load', name: 'Scaling', node: concurrencySection(data) },
    { id: 'settings', name: 'Settings', node: settingsSection(data) },
    { id: 'capacity', name: 'Capacity', node: capacitySection(data) },
    { id: 'inside', name: 'Inside a level', node: insideSection(data) },
    { id: 'validity', name: 'Validity', node: validitySection(data) },
    { id: 'reproduce', name: 'Reproduce', node: reproduceSection(data) },
  ].filter(({ node }) => node !== null);
}

export function reportBody(data) {
  const sections = reportSections(data);
  for (const { id, node } of sections) node.id = id;
  return [
    el('a', { class: 'skip', href: '#content' }, 'Skip to the content'),
    el(
      'header',
      { class: 'page-head' },
      el('p', { class: 'brand' }, 'lmstress report'),
      el(
        'nav',
        { 'aria-label': 'Sections' },
        el(
          'ul',
          {},
          sections.map(({ id, name }) => el('li', {}, el('a', { href: `#${id}` }, name))),
        ),
      ),
      themeSwitch(),
    ),
    el(
      'main',
      { id: 'content', tabindex: -1 },
      el('h1', {}, data.title),
      sections.map(({ node }) => node),
    ),
    el(
      'footer',
      {},
      `Made by ${data.tool.name} ${data.tool.version}. This page holds all its data and asks no network.`,
    ),
  ];
}
