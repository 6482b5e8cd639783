// What a terminal shows, as a page.
const colours = {
  31: '#ff8b82',
  32: '#6fd3a3',
  33: '#f0c050',
  34: '#7fbfee',
  35: '#d7a1e8',
  36: '#6fd0d8',
  90: '#8b949e',
};
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function styled(text) {
  let style = '';
  return text
    .split(/(\x1b\[[\d;]*m)/)
    .map((part) => {
      const codes = part.match(/^\x1b\[([\d;]*)m$/)?.[1];
      if (codes === undefined) return part === '' ? '' : `<span style="${style}">${escaped(part)}</span>`;
      for (const code of codes.split(';').map(Number)) {
        if (code === 0) style = '';
        else if (code === 1) style += 'font-weight:700;';
        else if (code === 2) style += 'opacity:.7;';
        else if (colours[code]) style += `color:${colours[code]};`;
      }
      return '';
    })
    .join('');
}

/** `output` with its colours; other things that it tells a terminal are left out. */
export function terminalPage(command, output) {
  const text = output
    .replaceAll('\r\n', '\n')
    .replaceAll(/\x1b\[[\d;?]*[A-LN-Za-ln-z]/g, '')
    .replaceAll(/^.*\r/gm, '');
  return `<!doctype html><meta charset="utf-8"><body style="margin:0;background:#13161a;color:#e7e9ec">
<pre style="margin:0;padding:18px 22px;font:14px/1.45 ui-monospace,'DejaVu Sans Mono',monospace"><b>$ ${escaped(command)}</b>\n${styled(text)}</pre>`;
}
