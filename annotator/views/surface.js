// The surface over the picture: it has the pointer and the keys, and gives them to its
// parts in their order. A press that stays where it is seeks.
const SLACK = 3; // px

export function render({ model, el, view }) {
  const layer = document.createElement("div");
  layer.className = "layer";
  el.append(layer);
  let parts = null, stopped = false;
  model.on("remove", () => { stopped = true; parts?.stop(); });
  // The figure stands in the same document, but may be put there a moment after this.
  const begin = () => {
    if (stopped) return;
    const figure = findModel(view, model.figure);
    const there = figure && (view.owner?.find_one(figure) ?? window.Bokeh?.index.find_one(figure));
    if (there?.frame && there.canvas_view?.el.isConnected) parts = createSurface(there, model, view, layer);
    else setTimeout(begin, 50);
  };
  begin();
}

function createSurface(figureView, model, view, layer) {
  const frame = createFrame(figureView, layer);
  const player = () => findModel(view, model.player);
  const actions = {
    seek(t) {
      const data = player();
      // The same moment again is news too: the playhead has left it meanwhile.
      data?.setv({ seek: data.seek === t ? t + 1e-9 : t }, { sync: false });
    },
    play({ start_time, end_time, min_frequency, max_frequency }) {
      const data = player();
      if (!data?.properties.play_selection) return;
      const band = min_frequency == null ? [] : [min_frequency, max_frequency];
      data.selection = [start_time, end_time, ...band];
      data.play_selection += 1;
    },
    // Of what is in hand, for the player: [start, end, lowest Hz, highest Hz], or nothing.
    select: (selection) => player()?.setv({ selection }, { sync: false }),
    send: (type, detail) => model.send_msg({ type, detail }),
  };
  const viewport = createViewport(frame, model, actions);
  const parts = [createPlayhead(frame, model, actions), createMarks(frame, model, actions), viewport,
                 createTicks(frame), createShade(frame), createDetails(frame), createLevels(frame, model)];
  const first = (name, ...given) => {
    for (const part of parts) { const found = part[name]?.(...given); if (found) return found; }
    return null;
  };
  const redraw = () => {
    for (const part of parts) part.redraw?.();
    const { t0, t1, y0, y1 } = frame.bounds(), { isFrequency } = frame.picture;
    const band = isFrequency ? [frame.hz(y0), frame.hz(y1)] : [];
    model.data.setv({ in_sight: [t0, t1, ...band] }, { sync: false });
    const data = player();
    if (data?.properties.in_sight) data.setv({ in_sight: viewport.zoomed().time ? [t0, t1] : [] }, { sync: false });
  };

  // Pointer --------------------------------------------------------------------
  let press = null, last = null;
  const point = (event) => frame.point(event);
  const setCursor = (at) => { frame.svg.style.cursor = press?.gesture?.cursor || first("cursor", at) || "crosshair"; };
  const release = (event, isCancelled) => {
    if (!press || event.pointerId !== press.id) return;
    const { gesture, from, moved } = press, at = point(event);
    press = null;
    if (isCancelled) gesture?.cancel?.();
    else if (moved) gesture?.end(at, event);
    else { gesture?.cancel?.(); if (!first("click", from, event)) actions.seek(from.t); }
    setCursor(at);
  };
  frame.svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || press) return;
    frame.measure();
    const from = point(event);
    press = { id: event.pointerId, from, moved: false, gesture: first("grab", from, event) };
    frame.svg.setPointerCapture(event.pointerId);
  });
  frame.svg.addEventListener("pointermove", (event) => {
    const at = point(event);
    last = at;
    tell(at);
    if (!press || event.pointerId !== press.id) return setCursor(at);
    press.moved ||= Math.hypot(at.px - press.from.px, at.py - press.from.py) > SLACK;
    if (press.moved) press.gesture?.move(at, event);
    setCursor(at);
  });
  frame.svg.addEventListener("pointerup", (event) => release(event, false));
  frame.svg.addEventListener("pointercancel", (event) => release(event, true));
  frame.svg.addEventListener("pointerleave", () => { last = null; tell(null); });
  frame.svg.addEventListener("dblclick", (event) => first("doubleClick", point(event), event));
  layer.addEventListener("wheel", (event) => viewport.wheel(event, event.target.dataset?.zone), { passive: false });

  // What the pointer is at: seconds and kHz, without a word to the server.
  const readout = document.createElement("div");
  readout.className = "readout";
  layer.append(readout);
  const tell = (at) => {
    readout.style.visibility = at && frame.picture.clip ? "visible" : "hidden";
    if (!at) return;
    const { t0, t1 } = frame.bounds(), digits = Math.max(2, Math.ceil(-Math.log10((t1 - t0) / frame.width)));
    const value = frame.picture.isFrequency ? `${(frame.hz(at.y) / 1000).toFixed(3)} kHz` : at.y.toFixed(3);
    readout.textContent = `${at.t.toFixed(digits)} s  ${value}`;
  };
  const zones = { frequency: document.createElement("div"), time: document.createElement("div") };
  for (const [zone, node] of Object.entries(zones)) { node.className = "zone"; node.dataset.zone = zone; layer.append(node); }
  frame.onchange(() => {
    const { left, top, width, height } = frame;
    Object.assign(zones.frequency.style, { left: 0, top: `${top}px`, width: `${left}px`, height: `${height}px` });
    Object.assign(zones.time.style, { left: `${left}px`, top: `${top + height}px`, width: `${width}px`, bottom: 0 });
    Object.assign(readout.style, { left: `${left + 6}px`, top: `${top + 5}px` });
    if (last) tell({ ...last, t: frame.time(last.px), y: frame.value(last.py) });
    redraw();
  });

  // Keys: the dashboard offers them here before it uses them itself ------------
  let area = null;
  const onKey = (offer) => {
    const event = offer.detail;
    if (event.key === "Escape" && press) {
      press.gesture?.cancel?.();
      press.gesture = null;
      return offer.preventDefault();
    }
    if (!press && first("key", event)) offer.preventDefault();
  };
  const findArea = (tries) => {
    for (let node = layer; node && !area; node = node.parentNode ?? node.host) if (node.dataset?.keys) area = node;
    if (area) area.addEventListener("annotator-key", onKey);
    else if (tries > 0) setTimeout(findArea, 50, tries - 1);
  };
  findArea(600);

  model.on("wish", () => { if (model.wish.reset) viewport.reset(); else viewport.goto(model.wish); });
  frame.measure();
  frame.changed();
  return {
    stop() {
      area?.removeEventListener("annotator-key", onKey);
      frame.stop();
      for (const part of parts) part.stop?.();
    },
  };
}
