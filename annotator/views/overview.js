// The whole recording on one line: its picture, the clips in it, where one is. A click
// looks there; nothing here decides what is shown, Python does.
const LANE = 34, TICKS = 6, LEAST = 5; // px: picture, marks of clips, narrowest frame
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];
const REST = 250; // ms that the arrow keys rest before sound is fetched

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

export function render({ model, el }) {
  const back = node("button", "back", "Back to the clip");
  const side = node("div", "side", "Recording");
  const lane = node("div", "lane"), canvas = node("canvas"), cursor = node("div", "cursor");
  const time = node("span", "bubble"), say = node("div", "say"), text = node("span"), ask = node("button", "ask");
  const labels = node("div", "labels"), body = node("div", "body");
  back.title = "Escape";
  lane.tabIndex = 0;
  lane.setAttribute("role", "slider");
  lane.setAttribute("aria-label", "Whole recording: look elsewhere");
  say.setAttribute("role", "status");
  cursor.append(time);
  say.append(text, ask);
  lane.append(canvas, cursor);
  side.append(back);
  body.append(lane, labels, say);
  const strip = node("div", "strip");
  strip.append(side, body);
  el.append(strip);

  const picture = document.createElement("canvas"); // one pixel for each level
  const span = () => (model.shown_start >= 0 ? [model.shown_start, model.shown_end] : [model.clip_start, model.clip_end]);
  const isElsewhere = () => model.shown_start >= 0;
  let pointed = null; // seconds

  const colour = (name) => getComputedStyle(el).getPropertyValue(name).trim();
  const paint = () => {
    const { rows, columns, palette } = model;
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
  const draw = () => {
    const width = lane.clientWidth, ratio = window.devicePixelRatio || 1, { duration } = model;
    if (!width) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round((LANE + TICKS) * ratio);
    const context = canvas.getContext("2d"), x = (t) => t / duration * width;
    context.scale(ratio, ratio);
    context.fillStyle = model.palette[0];
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
  const drawState = () => {
    const problem = model.problem, { duration } = model, [start, end] = span();
    side.classList.toggle("away", isElsewhere());
    text.textContent = problem;
    ask.textContent = model.ask;
    ask.hidden = !model.ask;
    say.hidden = !problem && !model.ask;
    lane.setAttribute("aria-valuemin", 0);
    lane.setAttribute("aria-valuemax", duration);
    lane.setAttribute("aria-valuenow", start >= 0 ? start : 0);
    lane.setAttribute("aria-valuetext", duration ? `${clock(start)} to ${clock(end)} of ${clock(duration)}` : "not read yet");
    lane.setAttribute("aria-disabled", !duration);
  };
  const point = (seconds) => {
    pointed = seconds;
    cursor.classList.toggle("seen", seconds != null);
    if (seconds == null) return;
    const part = seconds / model.duration;
    time.textContent = clock(seconds);
    cursor.style.left = `${100 * part}%`;
    cursor.classList.toggle("late", part > .9);
  };
  const secondsAt = (event) => {
    const box = lane.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * model.duration;
  };

  // The keys of the dashboard go on where they were after a click here.
  const keys = () => {
    for (let at = el; at; at = at.parentNode ?? at.host) if (at.dataset?.keys) return at;
    return null;
  };
  const goBack = () => { model.send_msg({ type: "back" }); keys()?.focus({ preventScroll: true }); };
  const look = (seconds) => model.send_msg({ type: "look", time: seconds });
  lane.onpointermove = (event) => { if (model.duration) point(secondsAt(event)); };
  lane.onpointerleave = () => point(null);
  lane.onmousedown = (event) => { event.preventDefault(); keys()?.focus({ preventScroll: true }); };
  lane.onclick = (event) => {
    if (!model.duration) return;
    const t = secondsAt(event), isClip = t >= model.clip_start && t <= model.clip_end;
    if (!isClip) look(t); else if (isElsewhere()) goBack();
  };
  let resting = 0;
  lane.onkeydown = (event) => {
    const { duration } = model, [start, end] = span(), length = Math.max(end - start, duration / 1000);
    const from = pointed ?? (start + end) / 2;
    const to = { ArrowLeft: from - length, ArrowRight: from + length, PageDown: from + 10 * length,
                 PageUp: from - 10 * length, Home: 0, End: duration }[event.key];
    if (to === undefined || !duration) return;
    event.preventDefault();
    event.stopPropagation();
    point(Math.min(Math.max(to, 0), duration));
    clearTimeout(resting);
    resting = setTimeout(() => { if (pointed != null) look(pointed); }, REST);
  };
  lane.onblur = () => point(null);
  back.onclick = goBack;
  ask.onclick = () => model.send_msg({ type: "draw" });
  const onEscape = (event) => {
    const target = event.composedPath()[0];
    if (event.key !== "Escape" || !isElsewhere() || target.matches?.("input, textarea, select")) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // no other use of it: one thing at a time
    goBack();
  };
  let host = null, stopped = false;
  const listen = () => {
    host = keys();
    if (host) host.addEventListener("keydown", onEscape, true); else if (!stopped) setTimeout(listen, 50);
  };
  listen();

  const size = new ResizeObserver(() => { draw(); drawLabels(); });
  size.observe(lane);
  // A recording's properties arrive one by one: draw after the last.
  let waiting = 0, isNew = true;
  const later = (withPicture) => {
    isNew ||= withPicture;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      if (isNew) paint();
      isNew = false;
      draw();
      drawLabels();
      drawState();
    });
  };
  model.on(["levels", "rows", "columns", "palette"], () => later(true));
  model.on(["done", "duration", "clip_start", "clip_end", "shown_start", "shown_end", "ticks", "problem", "ask"], () => later(false));
  model.on("remove", () => { stopped = true; size.disconnect(); host?.removeEventListener("keydown", onEscape, true); });
  later(true);
}
