// The whole recording on one line: its picture, the clips in it, where one is. A click
// looks there; nothing here decides what is shown, Python does.
const REST = 250; // ms that the arrow keys rest before sound is fetched

export function render({ model, el, view }) {
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

  const span = () => (model.shown_start >= 0 ? [model.shown_start, model.shown_end] : [model.clip_start, model.clip_end]);
  const isElsewhere = () => model.shown_start >= 0;
  let pointed = null; // seconds
  const painter = createStripPainter({ model, el, canvas, lane, labels, span, isElsewhere });

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

  const size = new ResizeObserver(() => painter.draw());
  size.observe(lane);
  // A recording's properties arrive one by one: draw after the last.
  let waiting = 0, isNew = true;
  const later = (withPicture) => {
    isNew ||= withPicture;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      if (isNew) painter.paint();
      isNew = false;
      painter.draw();
      drawState();
    });
  };
  // The colours are those of the large picture, which the browser alone may change.
  const colours = () => {
    if (stopped) return;
    const figure = findModel(view, model.figure);
    const mapper = figure?.renderers.find((part) => part.name === "picture")?.glyph.color_mapper;
    if (!mapper) { setTimeout(colours, 50); return; }
    const take = () => { painter.colours(Array.from(mapper.palette)); later(true); };
    mapper.properties.palette.change.connect(take);
    model.on("remove", () => mapper.properties.palette.change.disconnect(take));
    take();
  };
  colours();
  model.on(["levels", "rows", "columns"], () => later(true));
  model.on(["done", "duration", "clip_start", "clip_end", "shown_start", "shown_end", "ticks", "problem", "ask"], () => later(false));
  model.on("remove", () => { stopped = true; size.disconnect(); host?.removeEventListener("keydown", onEscape, true); });
  later(true);
}
