/**
 * `<lf-sketchpad>`: a surface to draw on, which is a control of its form. Loaded when a page first
 * shows one; knows nothing of the rest of the client.
 *
 * Attributes: `name`, `columns`, `rows` (cells, 28 each), `sends` (`picture` or `strokes`), `pen` (its
 * width in cells), `clear` (the text of the button, none without it). The pad is cleared whenever
 * `lf-clear` or `clear` changes, so a server clears it by rendering another value.
 *
 * @typedef {[x: number, y: number]} Point each from 0 to 1
 */

const STYLE = `
  :where(lf-sketchpad) { display: block; }
  :where(lf-sketchpad canvas) {
    display: block; width: 100%; touch-action: none; user-select: none; cursor: crosshair;
    color: var(--lf-sketchpad-ink, #10222c); background: var(--lf-sketchpad-paper, #fff);
  }`;

/** A surface has this many steps each way, for strokes as text and for leaving out points. */
const STEPS = 1000;
/** The picture is drawn this much larger, then averaged. */
const OVERSAMPLING = 8;
const OVERSAMPLED_MAX = 1024;

class Sketchpad extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ['clear', 'lf-clear', 'columns', 'rows', 'pen', 'sends'];

  #internals = this.attachInternals();
  #canvas = document.createElement('canvas');
  #button = document.createElement('button');
  /** @type {Point[][]} */
  #strokes = [];
  /** The pointer that draws. @type {number | null} */
  #pointer = null;
  /** A redraw is due. */
  #frame = 0;
  /** The value has changed and nobody was told. */
  #unsaid = false;
  /** The attributes that it came with are read. */
  #isReady = false;
  #resized = new ResizeObserver(() => this.#redraw());
  #theme = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    super();
    const canvas = this.#canvas;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'Drawing area');
    canvas.addEventListener('pointerdown', (event) => this.#begin(event));
    canvas.addEventListener('pointermove', (event) => this.#draw(event));
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
      canvas.addEventListener(type, (event) => this.#end(/** @type {PointerEvent} */ (event)));
    }
    this.#button.type = 'button';
    this.#button.hidden = true;
    this.#button.addEventListener('click', () => this.#edit([]));
  }

  connectedCallback() {
    this.#isReady = true;
    if (!this.contains(this.#canvas)) this.append(this.#canvas, this.#button);
    this.addEventListener('keydown', this.#undo);
    this.#theme.addEventListener('change', this.#redraw);
    this.#resized.observe(this.#canvas);
  }

  disconnectedCallback() {
    this.removeEventListener('keydown', this.#undo);
    this.#theme.removeEventListener('change', this.#redraw);
    this.#resized.disconnect();
  }

  /** Moved within the document: nothing to take down and set up again. */
  connectedMoveCallback() {}

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (name === 'clear') {
      this.#button.textContent = after;
      this.#button.hidden = !after;
    }
    if (name.endsWith('clear') && before !== after && this.#isReady) this.#strokes = [];
    this.#changed();
  }

  formResetCallback() {
    this.value = '';
  }

  /** @param {boolean} disabled */
  formDisabledCallback(disabled) {
    this.#button.disabled = disabled;
    this.#canvas.tabIndex = disabled ? -1 : 0;
    this.#pointer = null;
  }

  get name() {
    return this.getAttribute('name') ?? '';
  }

  get form() {
    return this.#internals.form;
  }

  get type() {
    return this.localName;
  }

  /** Empty for an empty pad. Only that can be set. */
  get value() {
    if (!this.#strokes.length) return '';
    return this.getAttribute('sends') === 'strokes' ? strokesText(this.#strokes) : this.#picture();
  }

  set value(value) {
    if (value !== '') throw new TypeError('a drawing can be cleared, not set');
    this.#strokes = [];
    this.#changed();
  }

  /** @param {string} name @param {number} otherwise */
  #number(name, otherwise) {
    const number = Number(this.getAttribute(name));
    return number > 0 ? number : otherwise;
  }

  get #size() {
    const columns = Math.round(this.#number('columns', 28));
    const rows = Math.round(this.#number('rows', 28));
    // Two cells of 28: about as wide as the strokes of the digits that models are trained on.
    return { columns, rows, pen: this.#number('pen', Math.max(columns, rows) / 14) };
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    if (this.#pointer !== null || event.button !== 0 || this.matches(':disabled')) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#strokes.push([]);
    this.#draw(event);
  }

  /** @param {PointerEvent} event */
  #draw(event) {
    const stroke = this.#strokes.at(-1);
    if (event.pointerId !== this.#pointer || !stroke) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const point of (events.length ? events : [event]).map((each) => this.#pointOf(each))) {
      const last = stroke.at(-1);
      if (!last || stepsOf(last) !== stepsOf(point)) stroke.push(point);
    }
    this.#unsaid = true;
    this.#changed();
  }

  /** @param {PointerEvent} event */
  #end(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#say();
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** The person takes something away. @param {Point[][]} strokes what is left */
  #edit(strokes) {
    if (!this.#strokes.length) return;
    this.#strokes = strokes;
    this.#unsaid = true;
    this.#changed();
    this.#say();
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  #undo = (event) => {
    if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    event.preventDefault();
    this.#edit(this.#strokes.slice(0, -1));
  };

  /** @param {PointerEvent} event @returns {Point} */
  #pointOf({ clientX, clientY }) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    const { clientLeft, clientTop, clientWidth, clientHeight } = this.#canvas;
    return [
      share(clientX - left - clientLeft, clientWidth),
      share(clientY - top - clientTop, clientHeight),
    ];
  }

  /** Once a frame is enough, however many points come. */
  #changed() {
    this.#frame ||= requestAnimationFrame(() => this.#say());
  }

  /** Shows the drawing, gives it to the form, and tells of an edit. */
  #say() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#redraw();
    this.#internals.setFormValue(this.value);
    if (!this.#unsaid) return;
    this.#unsaid = false;
    this.dispatchEvent(new Event('input', { bubbles: true }));
  }

  #redraw = () => {
    const canvas = this.#canvas;
    const { columns, rows, pen } = this.#size;
    const width = Math.round(canvas.clientWidth * devicePixelRatio) || columns;
    // Setting the size also wipes the canvas.
    canvas.width = width;
    canvas.height = Math.round((width * rows) / columns);
    const context = canvas.getContext('2d');
    if (context)
      drawStrokes(context, this.#strokes, (pen * width) / columns, getComputedStyle(canvas).color);
  };

  #picture() {
    const { columns, rows, pen } = this.#size;
    const scale = Math.max(
      1,
      Math.min(OVERSAMPLING, Math.floor(OVERSAMPLED_MAX / Math.max(columns, rows))),
    );
    const canvas = document.createElement('canvas');
    canvas.width = columns * scale;
    canvas.height = rows * scale;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return '';
    drawStrokes(context, this.#strokes, pen * scale, '#000');
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return `${columns},${rows},${base64(cellsOf(data, columns, rows, scale))}`;
  }
}

/**
 * The average opacity of each cell.
 *
 * @param {Uint8ClampedArray} data
 * @param {number} columns
 * @param {number} rows
 * @param {number} scale
 */
function cellsOf(data, columns, rows, scale) {
  const sums = new Float64Array(columns * rows);
  const width = columns * scale;
  for (let index = 3, pixel = 0; index < data.length; index += 4, pixel++) {
    const row = Math.floor(pixel / width / scale);
    const cell = row * columns + Math.floor((pixel % width) / scale);
    sums[cell] = (sums[cell] ?? 0) + (data[index] ?? 0);
  }
  return Uint8Array.from(sums, (sum) => Math.round(sum / scale ** 2));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point[][]} strokes
 * @param {number} lineWidth
 * @param {string} color
 */
function drawStrokes(context, strokes, lineWidth, color) {
  const { width, height } = context.canvas;
  Object.assign(context, { lineWidth, strokeStyle: color, lineCap: 'round', lineJoin: 'round' });
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => /** @type {Point} */ ([x * width, y * height]));
    context.beginPath();
    context.moveTo(.../** @type {Point} */ (points[0]));
    // Curves from middle to middle: smooth where the hand was.
    points.slice(1).forEach(([x, y], index) => {
      const [fromX, fromY] = /** @type {Point} */ (points[index]);
      context.quadraticCurveTo(fromX, fromY, (fromX + x) / 2, (fromY + y) / 2);
    });
    const [endX, endY] = /** @type {Point} */ (points.at(-1));
    // Not quite where a dot began: a canvas draws no line without a length.
    context.lineTo(endX, endY + 0.01);
    context.stroke();
  }
}

/** @param {Uint8Array} bytes */
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/** @param {number} offset @param {number} length */
const share = (offset, length) => Math.min(1, Math.max(0, offset / (length || 1)));

/** @param {Point} point */
const stepsOf = (point) => point.map((part) => Math.round(part * STEPS)).join();

/** @param {Point[][]} strokes */
const strokesText = (strokes) => strokes.map((stroke) => stroke.map(stepsOf).join(' ')).join(';');

if (!customElements.get('lf-sketchpad')) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets.push(sheet);
  customElements.define('lf-sketchpad', Sketchpad);
}
