// Elements from values. Text always goes in as text: what servers and models said cannot become markup here.

/**
 * What servers and users named, without the marks that turn the direction of writing: one in a model's name would
 * turn our own words and numbers after it around.
 */
export const undirected = (text) => text.replace(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '\uFFFD');

function make(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : undirected(String(child)));
  }
}

/** el('p', {class: 'note', onclick: f}, 'text', other): children are nodes, text, or lists of them. */
export const el = (name, attributes = {}, ...children) => make(document.createElement(name), attributes, children);

export const svg = (name, attributes = {}, ...children) =>
  make(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

/** Puts `children` in place of whatever `node` held. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

let ids = 0;
export const uniqueId = (stem) => `${stem}-${++ids}`;

/** A control that copies `text()`; where the browser keeps the clipboard to itself, it selects `shown` instead. */
export function copyButton(text, shown) {
  const button = el('button', { type: 'button', class: 'quiet' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(shown);
      button.textContent = 'Selected: now copy';
    }
  });
  return button;
}
