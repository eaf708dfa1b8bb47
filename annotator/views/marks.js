// What a person draws upon the picture: the pointer's and the keys' way to the marks.
function createMarks(frame, model, actions) {
  const tool = () => ({
    name: model.marks.tool ?? "", resizable: !!model.marks.resizable, window: model.marks.window,
    limits: model.marks.limits ?? [frame.picture.t0, frame.picture.t1],
  });
  const shapes = createShapes(frame, tool), paint = createPaint(frame, shapes);
  const redraw = () => paint.draw(state.boxes(), state.active, tool());
  let selected = "[]";
  const changed = () => {
    redraw();
    const number = state.boxes().findIndex(({ key }) => key === state.active), box = state.boxes()[number];
    paint.say(box, number);
    // "What is in this box": the player knows which.
    const span = box?.start_time != null && box.end_time != null ? shapes.playable(box) : null;
    const band = span?.min_frequency == null ? [] : [span.min_frequency, span.max_frequency];
    const selection = span ? [span.start_time, span.end_time, ...band] : [];
    if (JSON.stringify(selection) !== selected) { selected = JSON.stringify(selection); actions.select(selection); }
  };
  const state = createMarkState(frame, model, shapes, actions, changed);
  const drags = createDrags(frame, model, shapes, state);
  const isUnnamed = ({ key }) => key.startsWith("new-");
  const isWindow = () => model.marks.tool === "fixed_duration";
  // In the modes of zoom and pan only the mark in hand is moved as a whole.
  const find = (point) => {
    const found = shapes.hit(state.boxes(), state.active, point);
    if (!found || isUnnamed(found.box)) return null;
    return model.mode === "mark" || found.box.key === state.active || found.part.length < 4 ? found : null;
  };
  model.on("marks", () => {
    const { isNew, isAsked } = state.take();
    if (isNew) drags.cancel();
    if (isAsked && state.isOpen()) drags.addInSight();
    changed();
  });
  frame.onpicture(changed);
  changed();
  return {
    redraw,
    key: createMarkKeys(frame, model, shapes, state, drags, actions),
    cursor: (point) => { const found = state.isOpen() && find(point); return found ? shapes.cursor(found.part) : ""; },
    grab(point, event) {
      if (!state.isOpen()) return null;
      // With Shift a new one begins, also within another.
      const found = event.shiftKey ? null : find(point);
      if (found) return drags.change(found.box, found.part, point);
      return model.mode === "mark" ? drags.create(point) : null;
    },
    click(point) {
      if (!state.isHere()) return false;
      const found = find(point);
      if (isWindow() && !found && state.isOpen() && model.mode === "mark") {
        const [there] = state.boxes();
        if (there) state.remove(there.key); else drags.put(drags.at(point));
        return !there;
      }
      // A box that Python has not named yet is in hand already.
      const over = shapes.hit(state.boxes(), state.active, point)?.box;
      if (!over || !isUnnamed(over)) state.activate(found?.box.key ?? "");
      return false;
    },
    doubleClick(point) {
      const box = state.boxes().find((one) => one.end_time != null && shapes.isInside(one, point));
      if (box) actions.play(shapes.playable(box));
      return !!box;
    },
  };
}
