// What a result is worth: the same words and the same sign in every badge and in every row.

const words = {
  measured: ['good', '✓', 'valid'],
  undecided: ['unsure', '?', 'undecided, valid'],
  too_many_failed: ['bad', '✕', 'requests failed'],
  threshold_failed: ['bad', '✕', 'threshold failed'],
  cut_short: ['bad', '✕', 'cut short'],
  not_valid: ['bad', '✕', 'not valid'],
  not_measured: ['bad', '✕', 'not measured'],
};
// Of a single run the exit code says how it was cut short.
const cutBy = { null: ['bad', '✕', 'cut short, killed'], 130: ['unsure', '!', 'stopped, valid so far'] };

/** {kind, sign, text}; kind is good, unsure or bad. `exitCode` where it is of a single run, null of one without. */
export function worthOf(state, exitCode) {
  const [kind, sign, text] = (state === 'cut_short' && cutBy[exitCode]) ||
    words[state] || ['unsure', '?', state.replaceAll('_', ' ')];
  return { kind, sign, text };
}

/** A sign stays on the line of what it is the sign of. */
export const signed = (sign, text) => `${sign}\u00a0${text}`;

const gravity = Object.keys(words);
/** Of several states the one that counts. */
export const gravest = (states) =>
  states.reduce((worst, state) => (gravity.indexOf(state) > gravity.indexOf(worst) ? state : worst), 'measured');
