// A large result made of a small one: its requests again and again, each a little later and slower than the one before.
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const linesOf = (path) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

// Moments after it was sent come `slower` times as late.
function moved(request, by, slower) {
  const copy = { ...request };
  const later = (at) => Math.round(request.send_start_ns + Math.max(0, at - request.send_start_ns) * slower + by);
  for (const [name, value] of Object.entries(request)) {
    if (!name.endsWith('_ns')) continue;
    if (typeof value === 'number') copy[name] = later(value);
    else if (Array.isArray(value)) copy[name] = value.map(later);
  }
  return copy;
}

export function stretched(from, to, { levels, requests }) {
  const run = linesOf(join(from, 'run.jsonl'));
  const measured = linesOf(join(from, 'requests.jsonl')).filter(
    ({ phase, outcome }) => phase === 'measured' && outcome === 'completed',
  );
  const ofLevel = (event, level) => run.find((line) => line.event === event && line.level === level);
  const known = run.filter((line) => line.event === 'level_end').length;
  mkdirSync(to, { recursive: true });
  const journal = openSync(join(to, 'requests.jsonl'), 'w');
  const lines = [run.find((line) => line.event === 'run')];
  let begin = 0;
  let index = 0;
  for (let level = 0; level < levels; ++level) {
    const source = level % known;
    const [began, ended] = [ofLevel('level_begin', source), ofLevel('level_end', source)];
    const window = ended.window_end_ns - ended.window_begin_ns;
    const pool = measured.filter((request) => request.level === source);
    lines.push({ ...began, level, concurrency: level + 1 });
    for (let n = 0; n < requests; ++n, ++index) {
      const turn = Math.floor(n / pool.length);
      const slower = 1 + ((index * 7919) % 1000) / 800;
      const request = moved(pool[n % pool.length], begin - ended.window_begin_ns + turn * window, slower);
      writeSync(
        journal,
        `${JSON.stringify({ ...request, level, index, worker: n % (level + 1), request_id: `${index}-large` })}\n`,
      );
    }
    const end = begin + Math.ceil(requests / pool.length) * window;
    lines.push({ ...ended, level, window_begin_ns: begin, window_end_ns: end });
    begin = end + 1e9;
  }
  closeSync(journal);
  lines.push(run.at(-1));
  writeFileSync(join(to, 'run.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
