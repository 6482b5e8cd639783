// Models side by side, each at the load with the most output.
import { barTable } from '../charts/bars.js';
import { el } from '../shared/dom.js';
import { figureName } from './figures.js';

export function modelsBlock(data) {
  if (!(data.models?.length > 1)) return null;
  const pick = (model, key) => data.series[model.series].points[model.point].figures[key];
  const others = ['stream_tokens_per_second', 'ttft_p95_ms', 'itl_p50_ms'].filter((key) =>
    data.models.some((model) => pick(model, key)),
  );
  return el(
    'div',
    { class: 'block' },
    el('h3', {}, 'Models side by side'),
    barTable({
      caption: 'Each model at its most output',
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
      rows: data.models.map((model) => {
        const best = pick(model, 'output_tokens_per_second') ?? { value: null };
        return {
          name: [model.model, model.quantization].filter(Boolean).join(', '),
          value: best.value,
          ci95: best.ci95,
          more: [
            data.series[model.series].points[model.point].name,
            ...others.map((key) => ({ number: pick(model, key)?.value ?? null })),
          ],
        };
      }),
    }),
  );
}
