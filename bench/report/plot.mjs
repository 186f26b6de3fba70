/** Draws lines over two axes as an SVG: small, without a library, the same bytes for the same figures. */

/** @typedef {{ label: string, isLogarithmic: boolean }} Axis */
/** @typedef {{ name: string, points: readonly { x: number, y: number }[] }} Line */
/**
 * @typedef {object} Drawing
 * @property {string} file its name
 * @property {string} title
 * @property {Axis} x
 * @property {Axis} y
 * @property {readonly Line[]} lines
 */
/** @typedef {{ at: (value: number) => number, ticks: readonly number[] }} Scale */

const WIDTH = 760;
const HEIGHT = 420;
const AREA = { left: 70, right: 540, top: 50, bottom: 360 };

/** A colour-blind safe palette (Okabe and Ito, "Color Universal Design", 2008). */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];

/** @param {Drawing} drawing @returns {string} */
export function toSvg({ title, x, y, lines }) {
  const points = lines.flatMap((line) => line.points);
  const across = scaleOf(
    x,
    points.map((point) => point.x),
    AREA.left,
    AREA.right,
  );
  const up = scaleOf(
    y,
    points.map((point) => point.y),
    AREA.bottom,
    AREA.top,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(AREA.left, 26, title, 'font-size="15"'),
    ...across.ticks.flatMap((tick) => verticalTick(across.at(tick), shorten(tick))),
    ...up.ticks.flatMap((tick) => horizontalTick(up.at(tick), shorten(tick))),
    text((AREA.left + AREA.right) / 2, HEIGHT - 16, x.label, 'text-anchor="middle"'),
    text(
      0,
      0,
      y.label,
      `text-anchor="middle" transform="translate(18 ${(AREA.top + AREA.bottom) / 2}) rotate(-90)"`,
    ),
    ...lines.flatMap((line, index) => drawLine(line, index, across, up)),
    '</svg>',
    '',
  ].join('\n');
}

/**
 * @param {Line} line
 * @param {number} index
 * @param {Scale} across
 * @param {Scale} up
 */
function drawLine({ name, points }, index, across, up) {
  const colour = COLOURS[index % COLOURS.length] ?? '#000';
  const places = points.map(({ x, y }) => ({ x: across.at(x).toFixed(1), y: up.at(y).toFixed(1) }));
  const path = places.map(({ x, y }) => `${x},${y}`).join(' ');
  const legend = AREA.top + 10 + index * 22;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...places.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
    `<rect x="${AREA.right + 16}" y="${legend - 9}" width="12" height="12" fill="${colour}"/>`,
    text(AREA.right + 34, legend + 1, name),
  ];
}

/** @param {number} x @param {string} label */
function verticalTick(x, label) {
  return [
    `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${AREA.top}" y2="${AREA.bottom}" stroke="#ddd"/>`,
    text(x, AREA.bottom + 18, label, 'text-anchor="middle"'),
  ];
}

/** @param {number} y @param {string} label */
function horizontalTick(y, label) {
  return [
    `<line x1="${AREA.left}" x2="${AREA.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#ddd"/>`,
    text(AREA.left - 8, y + 4, label, 'text-anchor="end"'),
  ];
}

/** @param {number} x @param {number} y @param {string} content @param {string} [attributes] */
function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="#333" ${attributes}>${escaped(content)}</text>`;
}

/** @param {string} content */
function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/**
 * @param {Axis} axis
 * @param {readonly number[]} values
 * @param {number} from the place of the smallest value
 * @param {number} to
 * @returns {Scale}
 */
function scaleOf({ isLogarithmic }, values, from, to) {
  const ticks = isLogarithmic ? powersAround(values) : stepsAround(values);
  const place = isLogarithmic ? Math.log10 : Number;
  const low = place(ticks[0] ?? 0);
  const high = place(ticks.at(-1) ?? 1);
  return { ticks, at: (value) => from + ((place(value) - low) / (high - low)) * (to - from) };
}

/** @param {readonly number[]} values @returns {number[]} the powers of ten around them, at least two */
function powersAround(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

/** @param {readonly number[]} values @returns {number[]} five even steps from zero to above them */
function stepsAround(values) {
  const step = roundUp(Math.max(...values) / 5);
  return Array.from({ length: 6 }, (_, index) => index * step);
}

/** @param {number} value @returns {number} the next of 1, 2, 2.5, 5 times a power of ten */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5].find((step) => step * power >= value) ?? 10);
}

/** @param {number} value */
function shorten(value) {
  if (value >= 1e6) return `${Number((value / 1e6).toFixed(2))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toFixed(2))}k`;
  return String(Number(value.toPrecision(3)));
}
