// The form that starts a scenario of the folder that was given to serve.
import { el } from '../shared/dom.js';
import { moment } from '../shared/format.js';
import { table } from '../shared/table.js';
import { section } from '../report/section.js';
import { ApiError, get, post } from './api.js';

const fields = [
  ['url', 'Server address', 'http://127.0.0.1:1234'],
  ['model', 'Model', 'as the scenario has it'],
  ['concurrency', 'Streams', '1,4,8'],
  ['duration', 'Duration of a level', '30s'],
  ['requests', 'Requests of a level', '64'],
];

function jobsTable(jobs) {
  if (jobs.length === 0) return null;
  return table({
    caption: 'Started from here, newest first',
    captionHidden: true,
    columns: ['job', 'scenario', 'when', 'state', 'runs'],
    rows: jobs.map((job) => [
      el('a', { href: `#/jobs/${job.job}` }, `Job ${job.job}`),
      job.scenario,
      moment(job.started_unix_ms),
      job.state === 'ended' ? `ended, exit code ${job.exit_code}` : job.state,
      job.runs.map((id, index) => [index > 0 && ', ', el('a', { href: `#/runs/${id}` }, `run ${id}`)]),
    ]),
  });
}

function form(scenarios, canStart) {
  const said = el('p', { role: 'alert', class: 'form-error' });
  const button = el('button', { type: 'submit', class: 'primary' }, 'Start');
  const radios = scenarios.map((scenario) => {
    const radio = el('input', {
      type: 'radio',
      name: 'scenario',
      value: scenario.id,
      disabled: scenario.problem !== null,
    });
    return {
      radio,
      node: el(
        'label',
        { class: 'scenario' },
        radio,
        el(
          'span',
          {},
          el('strong', {}, scenario.id),
          ' ',
          el('span', { class: 'tag' }, scenario.command),
          el('small', {}, scenario.problem === null ? scenario.title : `✕ ${scenario.problem}`),
        ),
      ),
    };
  });
  const first = radios.find(({ radio }) => !radio.disabled);
  if (first) first.radio.checked = true;
  button.disabled = !first || !canStart;
  const inputs = fields.map(([name, label, example]) => ({
    name,
    input: el('input', { name, placeholder: example, autocomplete: 'off', spellcheck: 'false' }),
    label,
  }));
  const node = el(
    'form',
    { class: 'start' },
    el(
      'fieldset',
      {},
      el('legend', {}, 'Scenario'),
      radios.map(({ node: label }) => label),
    ),
    el(
      'fieldset',
      {},
      el('legend', {}, 'Instead of what the scenario says; what is empty stays as it is'),
      inputs.map(({ input, label }) => el('label', { class: 'field' }, el('span', {}, label), input)),
    ),
    said,
    button,
  );
  node.addEventListener('submit', async (event) => {
    event.preventDefault();
    const scenario = radios.find(({ radio }) => radio.checked)?.radio.value;
    const overrides = Object.fromEntries(
      inputs.map(({ name, input }) => [name, input.value.trim()]).filter(([, value]) => value !== ''),
    );
    button.disabled = true;
    said.textContent = '';
    try {
      const job = await post('jobs', { scenario, overrides });
      location.hash = `#/jobs/${job.job}`;
    } catch (error) {
      said.textContent =
        error instanceof ApiError ? [error.message, error.advice].filter(Boolean).join('. ') : String(error.message);
      button.disabled = false;
    }
  });
  return node;
}

export async function startView() {
  const info = await get('info');
  if (info.scenarios === null) {
    return {
      title: 'Start a run',
      content: el(
        'div',
        { class: 'card' },
        el('p', {}, 'No folder of scenarios was given, so there is nothing to start from here. To give one: '),
        el('pre', {}, 'lmstress serve --scenarios scenarios'),
      ),
    };
  }
  const [{ scenarios }, { jobs }] = await Promise.all([get('scenarios'), get('jobs')]);
  return {
    title: 'Start a run',
    content: [
      el('p', { class: 'note' }, `Scenarios of ${info.scenarios}. One runs at a time.`),
      scenarios.length > 0 ? form(scenarios, info.can_start) : el('p', {}, 'The folder holds no scenario.'),
      section('Started from here', jobsTable(jobs)),
    ],
  };
}
