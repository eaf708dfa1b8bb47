// The keys of what is drawn. Arrows move the mark in hand, with Shift its end or top.
const NUDGE = 0.05; // s

function createMarkKeys(frame, model, shapes, state, drags, actions) {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const nudge = (box, [right, up], event) => {
    const { t0, t1, y0, y1 } = frame.bounds();
    // Where little is in sight, a step is as little.
    const dt = right * Math.min(NUDGE, (t1 - t0) / 100), dy = up * model.marks.row;
    let part = ["left", "right", "top", "bottom"];
    if (event.shiftKey) part = right ? ["right"] : ["top"];
    else if (shapes.isLine() && box.end_time != null) part = ["left", "right"];
    if (event.shiftKey && right && (box.end_time == null || !model.marks.resizable)) return;
    if (up && (box.y0 == null || box.y1 == null)) return;
    const edges = shapes.moved(box, part, dt, dy);
    if (Object.keys(edges).length) state.change(box.key, edges, state.gesture(event));
  };
  const cycle = (step) => {
    const keys = state.boxes().map(({ key }) => key);
    if (keys.length) state.activate(keys[(keys.indexOf(state.active) + step + keys.length + (step < 0 && !state.active)) % keys.length]);
    return keys.length > 0;
  };
  const turn = (event, key) => {
    const isRedo = key === "y" || event.shiftKey;
    const can = isRedo ? model.marks.can_redo : model.marks.can_undo;
    if (can) state.turn(isRedo ? "redo" : "undo");
    return !!can;
  };
  return (event) => {
    if (!state.isHere()) return false;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) return ["z", "y"].includes(key) && turn(event, key);
    if (key === "." || key === ",") return cycle(key === "." ? 1 : -1);
    if (key === "b" && state.isOpen()) return drags.addInSight(), true;
    const box = state.inHand();
    if (!box) return false;
    if (key === "Escape") return state.activate(""), true;
    if (key === "p") return box.end_time != null && (actions.play(shapes.playable(box)), true);
    if (!state.isOpen()) return false;
    if (key === "Delete" || key === "Backspace") return state.remove(box.key), true;
    if (arrows[key]) return nudge(box, arrows[key], event), true;
    return false;
  };
}
