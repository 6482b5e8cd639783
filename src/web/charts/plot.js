// One uPlot in a frame that can be focused: it is drawn when it gets a size, follows its frame and the colours of the
// page, and tells its values. Axes, grid and type are the same in all charts.
import uPlot from 'uplot';
import { el } from '../shared/dom.js';
import { onThemeChange } from '../shared/theme.js';
import { attachHover } from './hover.js';
import { colour, forgetColours } from './palette.js';

const type = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const live = new Set();

onThemeChange((printing) => {
  forgetColours();
  for (const chart of live) {
    if (chart.frame.isConnected) chart.refresh(printing);
    else chart.forget();
  }
});

const mostLines = (names) => Math.max(1, ...(names ?? []).map((name) => String(name ?? '').split('\n').length));
const widest = (values) => Math.max(0, ...(values ?? []).map((value) => String(value ?? '').length));

// A label stands in the middle of its axis and may go beyond it, up to the edge of the chart. One that is too long gives
// up what stands in brackets, and keeps only what is behind its last comma, the unit, where that is not enough.
const fitted = (label, isX) => (u) => {
  if (isX) return label;
  const { top, height } = u.bbox;
  const room = height + 2 * Math.min(top, u.ctx.canvas.height - top - height);
  const shorter = [label, label.replace(/ \([^)]*\)$/, '')];
  return shorter.find((one) => u.ctx.measureText(one).width <= room) ?? label.slice(label.lastIndexOf(', ') + 2);
};

/** An axis as all charts have it; `label` holds the unit, behind a comma. */
export function axis(scale, { label, side, splits, values, incrs, space, size, grid = true, ticks = true } = {}) {
  const isX = scale === 'x';
  return {
    scale,
    label: label && fitted(label, isX),
    side: side ?? (isX ? 2 : 3),
    font: type,
    labelFont: type,
    labelSize: 20,
    labelGap: 0,
    gap: 6,
    size: size ?? (isX ? (_, shown) => 14 + 16 * mostLines(shown) : (_, shown) => 16 + 6.8 * widest(shown)),
    stroke: () => colour('--soft'),
    grid: { show: grid, stroke: () => colour('--grid'), width: 1 },
    ticks: { show: ticks, stroke: () => colour('--grid'), width: 1, size: 4 },
    // where ticks stand has been thought of: uPlot would leave out those that are no powers of ten
    ...(splits && { splits, filter: (_, all) => all }),
    ...(values && { values }),
    ...(incrs && { incrs }),
    space: space ?? (isX ? 60 : 34),
  };
}

/**
 * options: uPlot's scales, axes, series and hooks. hover(u): a source for attachHover.
 * `label` says in words what the chart shows, to those who do not see it.
 */
export function plot({ options, data, height = 260, label, hover, onReady }) {
  const frame = el('div', {
    class: 'plot',
    tabindex: 0,
    role: 'group',
    'aria-roledescription': 'chart',
    'aria-label': `${label}. Arrow keys tell the values.`,
  });
  frame.style.minHeight = `${height}px`;
  let u = null;
  let tips = null;

  const create = (width) => {
    u = new uPlot(
      {
        width,
        height,
        padding: [14, 14, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        ...options,
      },
      data,
      frame,
    );
    // what a canvas draws has no parts that a screen reader could find: the table beside it has
    u.root.setAttribute('aria-hidden', 'true');
    if (hover) tips = attachHover(frame, u.over, hover(u));
    onReady?.(u);
  };
  // two beside each other on a page of A4 or Letter, and three rows of them; style/print.css fits them to their cards
  const onPaper = () => (frame.closest('.wide') ? [860, height > 300 ? height * 1.28 : 264] : [420, 264]);
  const observer = new ResizeObserver(() => chart.fit());
  const chart = {
    frame,
    get u() {
      return u;
    },
    fit(width = frame.clientWidth, tall = height) {
      if (width === 0) return;
      if (u === null) create(width);
      else if (u.width !== width || u.height !== tall) {
        tips?.hide();
        frame.style.minHeight = `${tall}px`;
        u.setSize({ width, height: tall });
      }
    },
    refresh(printing) {
      tips?.hide();
      if (u === null) return;
      if (printing) chart.fit(...onPaper());
      else chart.fit();
      u.redraw(false, true);
    },
    setData(next) {
      data = next;
      u?.setData(next);
    },
    forget() {
      live.delete(chart);
      observer.disconnect();
      tips?.detach();
      u?.destroy();
    },
  };
  observer.observe(frame);
  live.add(chart);
  return chart;
}
