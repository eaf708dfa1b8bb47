// What a drag draws: a new mark, or other edges of one that is there.
const LEAST = 5; // px, of a new box
const TELL = 100; // ms between two messages of one drag

function createDrags(frame, model, shapes, state) {
  let current = null;
  const begin = (gesture) => { current = gesture; return gesture; };
  const isOver = (gesture) => current !== gesture;

  // Python hears of it now and then, so that the numbers go along.
  const change = (box, part, from) => {
    const id = state.gesture();
    let edges = {}, told = 0, isTold = false;
    const gesture = {
      cursor: shapes.cursor(part),
      move(to, event) {
        if (isOver(gesture)) return;
        edges = shapes.moved(box, part, to.t - from.t, to.y - from.y);
        const tells = event.timeStamp - told > TELL;
        if (tells) { told = event.timeStamp; isTold = true; }
        state.change(box.key, edges, id, { tells, rests: false });
      },
      end(to, event) {
        if (isOver(gesture)) return;
        gesture.move(to, event);
        current = null;
        state.change(box.key, edges, id);
      },
      cancel() {
        if (isOver(gesture)) return;
        current = null;
        if (!isTold) return state.letBe(box.key);
        state.change(box.key, Object.fromEntries(Object.keys(edges).map((name) => [name, box[name]])), id);
      },
    };
    return begin(gesture);
  };

  // A preview that follows the pointer; `edges` says what it is, `finish` takes it.
  const preview = (cursor, edges, finish) => {
    const node = svgElement("rect", { class: "draft", visibility: "hidden" }, frame.svg);
    const drop = () => { node.remove(); const was = !isOver(gesture); if (was) current = null; return was; };
    const gesture = {
      cursor,
      move(to) {
        if (isOver(gesture)) return;
        const { left, right, top, bottom } = shapes.rectangle(edges(to));
        const place = { x: left, y: top, width: Math.max(1, right - left), height: bottom - top, visibility: "visible" };
        for (const [name, value] of Object.entries(place)) node.setAttribute(name, value);
      },
      end: (to) => { if (drop()) finish(edges(to)); },
      cancel: drop,
    };
    return begin(gesture);
  };
  const draw = (from) => {
    const a = shapes.held(from), isHigh = shapes.hasHeight();
    const edges = (to) => {
      const b = shapes.held(to);
      return shapes.ordered({ start_time: a.t, end_time: b.t, y0: isHigh ? a.y : null, y1: isHigh ? b.y : null });
    };
    return preview("crosshair", edges, (drawn) => {
      const { left, right, top, bottom } = shapes.rectangle(drawn);
      if (right - left > LEAST && (!isHigh || bottom - top > LEAST)) state.add(drawn);
    });
  };
  // A line or a window of known length comes to the pointer.
  const at = (point) => {
    const { tool, length } = model.marks, [low, high] = model.marks.limits, { t } = shapes.held(point);
    if (tool === "time_select") return { start_time: t, end_time: null, y0: null, y1: null };
    const start = Math.max(low, Math.min(t - length / 2, high - length));
    return { start_time: start, end_time: start + length, y0: null, y1: null };
  };
  const put = (edges) => {
    const [box] = state.boxes();
    if (!box) return state.add(edges);
    const { start_time, end_time } = edges;
    state.change(box.key, end_time == null ? { start_time } : { start_time, end_time }, state.gesture());
  };
  const isPut = () => ["time_select", "fixed_duration"].includes(model.marks.tool);

  return {
    change, at, put, isPut,
    create: (from) => isPut() ? preview("ew-resize", at, put) : draw(from),
    cancel: () => current?.cancel(),
    // In the middle of what is in sight, for who uses the keys.
    addInSight() {
      const { t0, t1, y0, y1 } = frame.bounds(), isHigh = shapes.hasHeight();
      const [t, y, dt, dy] = [(t0 + t1) / 2, (y0 + y1) / 2, (t1 - t0) / 8, (y1 - y0) / 8];
      if (isPut()) return put(at({ t, y }));
      const [low, high] = [shapes.held({ t: t - dt, y: y - dy }), shapes.held({ t: t + dt, y: y + dy })];
      state.add({ start_time: low.t, end_time: high.t, y0: isHigh ? low.y : null, y1: isHigh ? high.y : null });
    },
  };
}
