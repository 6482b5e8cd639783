// The report page: everything it shows is in the JSON beside it.
import '../shared/theme.js';
import { el, undirected } from '../shared/dom.js';
import { reportBody } from './body.js';

function dataOfPage() {
  try {
    return JSON.parse(document.getElementById('lmstress-data').textContent);
  } catch {
    return null;
  }
}

const data = dataOfPage();
if (data?.schema === 'lmstress.report/1') {
  document.title = undirected(`${data.title} – lmstress report`);
  document.body.prepend(...reportBody(data));
} else {
  document.body.prepend(el('main', {}, el('h1', {}, 'This report holds no data that this page can read.')));
}
