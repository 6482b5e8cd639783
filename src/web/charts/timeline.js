// Requests one below the other, each a bar from when it was sent: what it waited for, and where it stalled.
import { count, duration } from '../shared/format.js';
import { figure } from './figure.js';
import { legend, swatch } from './legend.js';
import { colour } from './palette.js';
import { axis, plot } from './plot.js';

export const phases = [
  { key: 'queue', name: 'queue', height: 0.36 },
  { key: 'load', name: 'model load', height: 0.6 },
  { key: 'prefill', name: 'prefill', height: 0.8 },
  { key: 'decode', name: 'decode', height: 0.8 },
  { key: 'unknown', name: 'not known', height: 0.36 },
];

const lengthOf = (request) => phases.reduce((sum, { key }) => sum + (request[key] ?? 0), 0);
const endOf = (request) => Math.max(request.at + lengthOf(request), request.end ?? 0);
const used = (requests) => phases.filter(({ key }) => requests.some((request) => request[key] > 0));
const rowHeight = 9;

function drawRequest(u, request, row) {
  const { ctx } = u;
  const middle = u.valToPos(row, 'y', true);
  const unit = Math.abs(u.valToPos(row + 1, 'y', true) - middle);
  const x = (seconds) => u.valToPos(seconds, 'x', true);
  let at = request.at;
  for (const { key, height } of phases) {
    const length = request[key] ?? 0;
    if (length <= 0) continue;
    ctx.fillStyle = colour(`--phase-${key}`);
    ctx.fillRect(x(at), middle - (unit * height) / 2, Math.max(1, x(at + length) - x(at)), unit * height);
    at += length;
  }
  if (request.outcome !== 'completed') {
    const end = x(request.end ?? at);
    const reach = unit * 0.4;
    ctx.strokeStyle = colour('--bad');
    ctx.lineWidth = unit * 0.22;
    ctx.beginPath();
    ctx.moveTo(end - reach, middle - reach);
    ctx.lineTo(end + reach, middle + reach);
    ctx.moveTo(end - reach, middle + reach);
    ctx.lineTo(end + reach, middle - reach);
    ctx.stroke();
  }
  for (const [from, length] of request.stalls ?? []) {
    ctx.fillStyle = colour('--panel');
    ctx.fillRect(x(from), middle - unit * 0.4, Math.max(1, x(from + length) - x(from)), unit * 0.8);
    ctx.fillStyle = colour('--stall');
    ctx.fillRect(x(from), middle - unit * 0.14, Math.max(2, x(from + length) - x(from)), unit * 0.28);
  }
}

export function timeline(data, { title = 'Requests over time' } = {}) {
  const { requests } = data;
  const stalled = requests.some((request) => request.stall_count > 0);
  const failed = requests.some((request) => request.outcome !== 'completed');
  const parts = used(requests);
  const to = Math.max(data.to ?? 0, ...requests.map(endOf));
  const from = Math.min(data.from ?? 0, ...requests.map((request) => request.at));
  const pad = (to - from) * 0.01;

  const chart = plot({
    height: requests.length * rowHeight + 70,
    label: `${title}: ${count(requests.length, 'request')}, a bar each`,
    data: [
      [from, to],
      [0, requests.length],
    ],
    options: {
      scales: {
        x: { time: false, range: () => [from - pad, to + pad] },
        y: { dir: -1, range: () => [-0.7, requests.length - 0.3] },
      },
      axes: [
        axis('x', { label: 'time in the window, s' }),
        axis('y', {
          label: `requests, first sent on top`,
          size: 8,
          values: (_, all) => all.map(() => ''),
          grid: false,
          ticks: false,
        }),
      ],
      series: [{}, { stroke: 'transparent', points: { show: false } }],
      hooks: {
        draw: [
          (u) => {
            u.ctx.save();
            u.ctx.beginPath();
            u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
            u.ctx.clip();
            requests.forEach((request, row) => drawRequest(u, request, row));
            u.ctx.restore();
          },
        ],
      },
    },
    hover: (u) => ({
      items: () => requests,
      find(left, top) {
        const row = Math.round(u.posToVal(top, 'y'));
        return requests[row] ?? null;
      },
      move: (request, key) => requests[requests.indexOf(request) + (key === 'ArrowUp' ? -1 : 1)] ?? request,
      place: (request) => ({
        left: u.valToPos(Math.max(from, request.at), 'x'),
        top: u.valToPos(requests.indexOf(request), 'y'),
      }),
      tell: (request) => ({
        head: `request ${request.index}, sent at ${duration(request.at)}${request.outcome === 'completed' ? '' : `: ${said(request)}`}`,
        rows: [
          ...phases
            .filter(({ key }) => request[key] > 0)
            .map(({ key, name }) => ({ sample: swatch(`phase-${key}`), name, value: duration(request[key]) })),
          ...(request.stall_count > 0
            ? [{ sample: swatch('stall'), name: count(request.stall_count, 'stall'), value: duration(request.stalled) }]
            : []),
          ...(request.output_tokens ? [{ name: 'output', value: count(request.output_tokens, 'token') }] : []),
        ],
      }),
    }),
  });
  return figure({
    title,
    wide: true,
    note: sentencesOf([data.rule && `Shown: ${data.rule}`, stalled && data.stall && `A stall is ${data.stall}`]),
    legend: legend([
      ...parts.map(({ key, name }) => ({ name, sample: swatch(`phase-${key}`) })),
      ...(stalled ? [{ name: 'stall', sample: swatch('stall') }] : []),
      ...(failed ? [{ name: '✕ not completed', sample: null }] : []),
    ]),
    body: chart.frame,
    table: () => ({
      caption: title,
      captionHidden: true,
      columns: [
        'request',
        { name: 'sent at, s', numeric: true },
        ...parts.map(({ name }) => ({ name: `${name}, s`, numeric: true })),
        { name: 'stalls', numeric: true },
        { name: 'input, tokens', numeric: true },
        { name: 'output, tokens', numeric: true },
        'outcome',
      ],
      rows: requests.map((request) => [
        String(request.index),
        { number: request.at },
        ...parts.map(({ key }) => ({ number: request[key] ?? null })),
        { number: request.stall_count ?? 0 },
        { number: request.input_tokens ?? null },
        { number: request.output_tokens ?? null },
        said(request),
      ]),
    }),
  });
}

const sentencesOf = (parts) =>
  parts
    .filter(Boolean)
    .map((text) => (/[.!?]$/.test(text) ? text : `${text}.`))
    .join(' ');

const said = ({ outcome, kind }) => (kind ? `${outcome}: ${kind}` : outcome);
