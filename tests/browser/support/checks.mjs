// What is asked of every page: charts that hold something, a keyboard that reaches all, a phone on which nothing is cut.

/** Of each chart its title and how many of its pixels have a colour; axes and grid are grey. */
export const drawnCharts = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('figure .uplot canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let coloured = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [least, most] = [
          Math.min(data[at], data[at + 1], data[at + 2]),
          Math.max(data[at], data[at + 1], data[at + 2]),
        ];
        if (data[at + 3] > 100 && most - least > 40) ++coloured;
      }
      return { title: canvas.closest('figure').querySelector('figcaption').firstChild.textContent, coloured };
    }),
  );

/** Waits until all charts on the page have been drawn. */
export const chartsReady = (page) =>
  page.waitForFunction(
    () =>
      document.querySelector('.plot') !== null &&
      [...document.querySelectorAll('.plot')].every((plot) => plot.querySelector('canvas')),
  );

const focusable = 'a[href], button:not(:disabled), select, input:not(:disabled), summary, [tabindex="0"]';

/** Presses Tab from the top until the focus comes round: what was not reached, and what showed no focus. */
export async function byKeyboard(page) {
  const wanted = await page.evaluate((selector) => {
    document.activeElement?.blur();
    scrollTo(0, 0);
    const visible = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
    visible.forEach((node, index) => {
      node.dataset.testIndex = String(index);
    });
    return visible.length;
  }, focusable);
  const reached = new Set();
  const unseen = [];
  for (let presses = 0; presses < wanted + 10 && reached.size < wanted; ++presses) {
    await page.keyboard.press('Tab');
    const { index, name, shown } = await page.evaluate(() => {
      const node = document.activeElement;
      const style = getComputedStyle(node);
      return {
        index: node.dataset?.testIndex,
        name: `${node.tagName} ${node.textContent.slice(0, 40)}`,
        shown: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
      };
    });
    if (index === undefined) continue;
    if (!reached.has(index) && !shown) unseen.push(name);
    reached.add(index);
  }
  const missed = await page.evaluate(
    (indices) =>
      [...document.querySelectorAll('[data-test-index]')]
        .filter((node) => !indices.includes(node.dataset.testIndex))
        .map((node) => `${node.tagName} ${node.textContent.slice(0, 40)}`),
    [...reached],
  );
  // of a group of radio buttons Tab reaches the chosen one, arrow keys the others
  return { wanted, missed: missed.filter((name) => !name.startsWith('INPUT')), unseen };
}

/** What sticks out of the window, other than within what scrolls by itself. */
export const overflowing = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found =
      document.documentElement.scrollWidth > width ? [`the page: ${document.documentElement.scrollWidth} px`] : [];
    for (const node of document.body.querySelectorAll('*')) {
      const box = node.getBoundingClientRect();
      if (box.width === 0 || box.right <= width + 0.5 || node.closest('.table-frame, pre, .visually-hidden, .skip'))
        continue;
      found.push(`${node.tagName}.${node.getAttribute('class') ?? ''}: ${Math.round(box.right)} px`);
    }
    return found;
  });

/** A table as rows of {head of the column: {text, value}}. */
export const tableOf = (locator) =>
  locator.evaluate((table) => {
    const heads = [...table.querySelectorAll('thead th')].map((head) => head.textContent);
    return [...table.querySelectorAll('tbody tr')].map((row) =>
      Object.fromEntries(
        [...row.children].map((cell, index) => [
          heads[index],
          { text: cell.textContent.replaceAll('\u00a0', ' '), value: cell.dataset.value === undefined ? null : Number(cell.dataset.value) },
        ]),
      ),
    );
  });
