// Models side by side, each at the load with the most output.
import { barTable } from '../charts/bars.js';
import { el } from '../shared/dom.js';
import { anyInBrackets, bracketsNote, figureCell, figureName } from './figures.js';

export function modelsBlock(data) {
  if (!(data.models?.length > 1)) return null;
  const pointOf = (model) => data.series[model.series].points[model.point];
  const pick = (model, key) => pointOf(model).figures[key];
  const others = ['stream_tokens_per_second', 'ttft_p95_ms', 'itl_p50_ms'].filter((key) =>
    data.models.some((model) => pick(model, key)),
  );
  const cells = data.models.map((model) => others.map((key) => figureCell(data, pointOf(model), key)));
  return el(
    'div',
    { class: 'block' },
    el('h3', {}, 'Models side by side'),
    barTable({
      caption: `Each model at its most output${anyInBrackets(cells.flat()) ? `; ${bracketsNote}` : ''}`,
      captionHidden: false,
      nameOf: 'model',
      valueName: 'output',
      unit: 'tokens/s',
      more: [
        'at',
        ...others.map((key) => ({
          name: `${figureName(data, key, data.series[data.models[0].series])}, ${data.figures[key].unit}`,
          numeric: true,
        })),
      ],
      rows: data.models.map((model, index) => {
        const best = pick(model, 'output_tokens_per_second') ?? { value: null };
        return {
          name: [model.model, model.quantization].filter(Boolean).join(', '),
          value: best.value,
          ci95: best.ci95,
          more: [
            pointOf(model).name + (pointOf(model).valid === false ? ' (not valid)' : ''),
            ...cells[index],
          ],
        };
      }),
    }),
  );
}
