// What tells one line from another: its colour (Okabe and Ito's, which colour-blind people can tell apart, made
// lighter on dark), its dash and its marker. Of up to five lines any one of the three is enough, of up to seven the
// colour or the marker; of more the three together.

export const hues = 7;
const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3], [14, 4]];
const markers = ['circle', 'square', 'triangle', 'diamond', 'down', 'cross', 'plus'];

/** The style of the line number `index`; different for the first 35. */
export const lineStyle = (index) => ({
  hue: index % hues,
  dash: dashes[index % dashes.length],
  marker: markers[(index + Math.floor(index / hues)) % markers.length],
});

const probe = document.createElement('span');
probe.className = 'visually-hidden';
probe.setAttribute('aria-hidden', 'true');
let cache = new Map();

/** The colour that a custom property of the style sheet has now, as a canvas understands it. */
export function colour(property) {
  if (!cache.has(property)) {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = `var(${property})`;
    cache.set(property, getComputedStyle(probe).color);
  }
  return cache.get(property);
}

export const hueColour = (hue) => colour(`--hue-${hue}`);

export const forgetColours = () => {
  cache = new Map();
};

/** The same colour, as transparent as `alpha` says. */
export const faded = (rgb, alpha) => rgb.replace(/^rgba?\(([^,]+),([^,]+),([^,)]+).*$/, `rgba($1,$2,$3,${alpha})`);
