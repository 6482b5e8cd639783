// A line that grows while one looks: speed and streams in flight of the run that goes on.
import { lineStyle } from '../charts/palette.js';
import { linesChart } from '../charts/lines.js';
import { duration } from '../shared/format.js';
import { el, fill } from '../shared/dom.js';
import { charts } from '../report/section.js';

const most = 600; // points; of a longer run every second one is kept, again and again

export function liveChart() {
  const node = el('div', {});
  let points = [];
  let asked = false;
  const line = (key, name, index, unit) => ({
    name,
    unit,
    style: { ...lineStyle(index), marker: null, dash: [] },
    bare: true,
    points: points
      .filter((point) => typeof point[key] === 'number')
      .map((point) => ({ x: point.at_seconds, y: point[key] })),
  });
  const chart = (title, note, y, lines) =>
    lines[0].points.length > 0 &&
    linesChart({
      title,
      note,
      level: 3,
      height: 220,
      x: { label: 'time since the run began, s', unit: 's', tell: duration },
      y,
      lines,
    });
  const draw = () => {
    asked = false;
    if (node.querySelector(':focus')) return; // somebody is reading values
    fill(
      node,
      charts(
        chart('Speed', 'Output of the whole server in each second.', { label: 'output', unit: 'tokens/s' }, [
          line('tokens_per_second', 'output', 0),
        ]),
        chart('Streams in flight', null, { label: 'in flight', unit: '', whole: true }, [
          line('in_flight', 'in flight', 1),
        ]),
      ),
    );
  };
  return {
    node,
    add(progress) {
      points.push(progress);
      if (points.length > most) points = points.filter((_, index) => index % 2 === 0);
      if (asked) return;
      asked = true;
      requestAnimationFrame(draw); // what came before the page was opened comes all at once
    },
    clear() {
      points = [];
    },
  };
}
