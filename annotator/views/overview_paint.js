// Paints the strip: the recording's picture, the clips in it, where one is, and its times.
const LANE = 34, TICKS = 6, LEAST = 5; // px: picture, marks of clips, narrowest frame
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];

const clock = (s) => {
  const whole = Math.max(0, Math.round(s)), two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
};
const node = (tag, cls, text) => {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  if (text != null) el.textContent = text;
  return el;
};

function createStripPainter({ model, el, canvas, lane, labels, span, isElsewhere }) {
  const picture = document.createElement("canvas"); // one pixel for each level
  let palette = Array.from({ length: 256 }, (_, k) => `#${k.toString(16).padStart(2, "0").repeat(3)}`);
  const colour = (name) => getComputedStyle(el).getPropertyValue(name).trim();
  const paint = () => {
    const { rows, columns } = model;
    const levels = new Uint8Array(model.levels);
    picture.width = columns;
    picture.height = rows;
    if (!levels.length || levels.length !== rows * columns) return;
    const rgb = palette.map((hex) => parseInt(hex.slice(1), 16));
    const context = picture.getContext("2d"), image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0, k = 0; row < rows; row++) {
      for (let at = (rows - 1 - row) * columns, end = at + columns; at < end; at++, k++) {
        const c = rgb[levels[at]];
        pixels[k] = 0xff000000 | (c & 0xff) << 16 | c & 0xff00 | c >> 16; // little endian
      }
    }
    context.putImageData(image, 0, 0);
  };
  const drawLane = () => {
    const width = lane.clientWidth, ratio = window.devicePixelRatio || 1, { duration } = model;
    if (!width) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round((LANE + TICKS) * ratio);
    const context = canvas.getContext("2d"), x = (t) => t / duration * width;
    context.scale(ratio, ratio);
    context.fillStyle = palette[0];
    context.fillRect(0, 0, width, LANE);
    if (model.levels.byteLength && picture.width === model.columns) {
      context.drawImage(picture, 0, 0, width, LANE);
      context.fillStyle = colour("--surface");
      context.globalAlpha = .55; // not read yet
      context.fillRect(model.done / model.columns * width, 0, width, LANE);
      context.globalAlpha = 1;
    }
    if (!duration) return;
    const ticks = new Uint8Array(model.ticks);
    for (const [kind, name, alpha] of [[1, "--muted", .55], [2, "--accent", 1]]) {
      context.fillStyle = colour(name);
      context.globalAlpha = alpha;
      ticks.forEach((tick, k) => {
        if (tick === kind) context.fillRect(Math.round((k + .5) / ticks.length * width) - .5, LANE + 1, 1.5, TICKS - 1);
      });
    }
    context.globalAlpha = 1;
    const box = (t0, t1, isBright) => {
      if (!(t1 >= t0)) return;
      const wide = Math.max(x(t1) - x(t0), LEAST), left = Math.min(Math.max((x(t0) + x(t1) - wide) / 2, 1), width - wide - 1);
      context.strokeStyle = colour("--frame-shade");
      context.lineWidth = 4;
      context.strokeRect(left, 1.5, wide, LANE - 3);
      context.strokeStyle = colour("--frame");
      context.lineWidth = isBright ? 2 : 1;
      context.setLineDash(isBright ? [] : [3, 2]);
      context.strokeRect(left, 1.5, wide, LANE - 3);
      context.setLineDash([]);
    };
    if (isElsewhere()) box(model.clip_start, model.clip_end, false);
    box(...span(), true);
  };
  const drawLabels = () => {
    const width = lane.clientWidth, { duration } = model;
    const step = STEPS.find((s) => s / duration * width >= 76) ?? 86400;
    const marks = [];
    for (let t = 0; duration > 0 && t <= duration && width > 0; t += step) {
      const mark = node("span", "", clock(t)), left = t / duration * width;
      mark.style.left = `${left}px`;
      if (left < 22) mark.classList.add("first");
      if (left > width - 22) mark.classList.add("last");
      marks.push(mark);
    }
    labels.replaceChildren(...marks);
  };
  return { paint, draw: () => { drawLane(); drawLabels(); }, colours: (found) => { palette = found; } };
}
