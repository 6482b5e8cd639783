// Which view the fragment of the URL names: #/runs/12 is the view `runs/:id` with {id: '12'}.

function match(pattern, path) {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length) return null;
  const values = {};
  for (const [index, part] of wanted.entries()) {
    // What follows a colon is the number of a run or a job, or the id of a run that goes on.
    if (part.startsWith(':')) {
      if (!/^[0-9a-f]{1,15}$/.test(parts[index])) return null;
      values[part.slice(1)] = parts[index];
    } else if (part !== parts[index]) return null;
  }
  return values;
}

/** routes: [[pattern, view]]; show(view, values) is called now and whenever the fragment changes. */
export function route(routes, show) {
  const go = () => {
    const path = location.hash.replace(/^#\/?/, '');
    for (const [pattern, view] of routes) {
      const values = match(pattern, path);
      if (values !== null) return show(view, values, pattern);
    }
    return show(null, {}, '');
  };
  addEventListener('hashchange', go);
  go();
}
