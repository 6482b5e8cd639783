// The events of a run that goes on, as long as somebody looks: a page that is not seen lets its connection go, for a
// browser has six of them for one server.

const again = 2000; // ms

/**
 * on: {name: use(data)}; `end` is the last of them. on.lost(sentence) is called when the connection is lost, and with ''
 * when it is back.
 */
export function follow(url, signal, on) {
  let source = null;
  let last = 0;
  let timer = 0;
  const over = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    over();
    source = new EventSource(last > 0 ? `${url}?after=${last}` : url);
    source.addEventListener('open', () => on.lost(''));
    source.addEventListener('error', () => {
      // A refusal is final for the browser, but not for us: others may have let go of theirs.
      on.lost('The connection to the dashboard is lost: what is shown is old. Is lmstress serve still running? Trying again.');
      over();
      timer = setTimeout(open, again);
    });
    for (const [name, use] of Object.entries(on)) {
      if (name === 'lost') continue;
      source.addEventListener(name, (event) => {
        last = Number(event.lastEventId) || last;
        if (name === 'end') finish();
        use(JSON.parse(event.data));
      });
    }
  };
  const look = () => (document.hidden ? over() : open());
  const finish = () => {
    over();
    document.removeEventListener('visibilitychange', look);
  };
  document.addEventListener('visibilitychange', look);
  signal.addEventListener('abort', finish);
  if (!document.hidden) open();
}
