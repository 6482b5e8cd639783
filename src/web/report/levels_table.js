// Every level with all its figures: the numbers behind the charts.
import { el } from '../shared/dom.js';
import { exact, interval } from '../shared/format.js';
import { table } from '../shared/table.js';

export function levelsTable(data, group, x) {
  const keys = Object.keys(data.figures).filter((key) =>
    group.some(({ series }) => series.points.some((point) => point.figures[key])),
  );
  const several = group.length > 1;
  return table({
    caption: 'Every level, all figures, with their 95 % intervals',
    class: 'levels',
    columns: [
      x.label,
      ...(several ? [{ name: 'setting', class: 'setting' }] : []),
      ...keys.map((key) => ({ name: `${data.figures[key].name}, ${data.figures[key].unit}`, numeric: true })),
    ],
    rows: group.flatMap(({ series }) =>
      series.points.map((point) => [
        point.name + (point.valid === false ? ' (not valid)' : ''),
        ...(several ? [series.name] : []),
        ...keys.map((key) => {
          const figure = point.figures[key];
          if (!figure) return '';
          const between = interval(figure.ci95);
          return {
            number: figure.value,
            text: el('span', {}, exact(figure.value), between && el('small', {}, between)),
          };
        }),
      ]),
    ),
  });
}
