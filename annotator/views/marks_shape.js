// Boxes, windows and lines as rectangles in pixels: where a point hits them, and what
// becomes of their edges when it drags them. A part names the edges that move with the
// pointer; all four of them is a move of the whole.
const NEAR_LINE = 10, NEAR_EDGE = 6; // px
const WHOLE = ["left", "right", "top", "bottom"];
const NAMES = { left: "start_time", right: "end_time", top: "y1", bottom: "y0" };

function createShapes(frame, tool) {
  const isLine = () => tool().name.endsWith("time_select");
  const hasHeight = () => frame.picture.isFrequency && tool().name.endsWith("box");

  // y coordinates; null where the mark is as high as the picture.
  const placed = (box) => {
    const edge = (hz) => hz == null || !hasHeight() ? null : frame.fromHz(hz);
    return { ...box, y0: edge(box.min_frequency), y1: edge(box.max_frequency) };
  };
  const rectangle = ({ start_time, end_time, y0, y1 }) => {
    if (start_time == null && end_time == null) return null;
    return {
      left: frame.x(start_time ?? end_time), right: frame.x(end_time ?? start_time),
      top: y1 == null ? 0 : frame.y(y1), bottom: y0 == null ? frame.height : frame.y(y0),
    };
  };

  const nearEdges = (box, { px, py }) => {
    const r = rectangle(box);
    if (!r) return null;
    if (isLine()) {
      const [a, b] = [Math.abs(px - r.left), Math.abs(px - r.right)];
      if (Math.min(a, b) > NEAR_LINE) return null;
      // Of two lines on one place the one that can go where the pointer is.
      return [box.end_time == null || a < b || (a === b && px < r.left) ? "left" : "right"];
    }
    const reach = (size) => Math.min(NEAR_EDGE, Math.max(2, size / 3)); // inwards, of a small box
    const sides = (at, low, high, names) => {
      const inner = reach(high - low);
      if (at < low - NEAR_EDGE || at > high + NEAR_EDGE) return null;
      const [a, b] = [at - low, high - at];
      if (a <= inner && a <= b) return [names[0]];
      return b <= inner ? [names[1]] : [];
    };
    const x = sides(px, r.left, r.right, ["left", "right"]);
    const y = hasHeight() ? sides(py, r.top, r.bottom, ["top", "bottom"]) : [];
    if (!x || !y || (!x.length && !y.length)) return null;
    const part = [...x, ...y].filter((edge) => box[NAMES[edge]] != null);
    return part.length && tool().resizable ? part : null;
  };
  const isInside = (box, { px, py }) => {
    const r = rectangle(box);
    return !!r && px >= r.left && px <= r.right && py >= r.top && py <= r.bottom;
  };
  const area = (box) => { const r = rectangle(box); return (r.right - r.left) * (r.bottom - r.top); };

  // Which mark a point takes, and which part of it: edges before insides, the one in
  // hand before the others, of insides the smallest.
  const hit = (boxes, active, point) => {
    const inHandFirst = [...boxes].reverse().sort((a, b) => (b.key === active) - (a.key === active));
    for (const box of inHandFirst) {
      const part = nearEdges(box, point);
      if (part) return { box, part };
    }
    if (isLine()) return null;
    const inside = inHandFirst.filter((box) => isInside(box, point)).sort((a, b) => area(a) - area(b));
    const box = inside.find(({ key }) => key === active) ?? inside[0];
    return box ? { box, part: WHOLE } : null;
  };

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const times = () => tool().limits;
  // Where a point is, held within the ends of the picture.
  const held = ({ t, y }) => {
    const { y0, y1 } = frame.picture;
    return { t: clamp(t, ...times()), y: clamp(y, y0, y1) };
  };
  const ordered = (box) => {
    const turned = { ...box };
    if (box.end_time != null && box.start_time > box.end_time) [turned.start_time, turned.end_time] = [box.end_time, box.start_time];
    if (box.y0 != null && box.y1 != null && box.y0 > box.y1) [turned.y0, turned.y1] = [box.y1, box.y0];
    return turned;
  };
  // The edges of a box after its part went by dt and dy; only those that moved.
  const moved = (box, part, dt, dy) => {
    const { y0, y1 } = frame.picture, [t0, t1] = times();
    const edges = {};
    const shift = (low, high, by, floor, ceiling) => {
      const known = [box[low], box[high]].filter((value) => value != null);
      if (!known.length || !by) return;
      // Held by its own edges, unless it stands beyond the ends already.
      by = clamp(by, Math.min(0, floor - Math.min(...known)), Math.max(0, ceiling - Math.max(...known)));
      for (const name of [low, high]) if (box[name] != null) edges[name] = box[name] + by;
    };
    if (part.length === 4 || (part.length === 2 && isLine())) {
      shift("start_time", "end_time", dt, t0, t1);
      shift("y0", "y1", dy, y0, y1);
      return edges;
    }
    for (const edge of part) {
      const name = NAMES[edge], isTime = name.endsWith("time");
      edges[name] = isTime ? clamp(box[name] + dt, t0, t1) : clamp(box[name] + dy, y0, y1);
    }
    const { start_time, end_time } = { ...box, ...edges };
    if (isLine() && end_time != null && start_time > end_time) {
      // The two lines do not cross.
      if ("start_time" in edges) edges.start_time = end_time; else edges.end_time = start_time;
    }
    if (tool().window) {
      const { min, max } = tool().window;
      const length = clamp(end_time - start_time, min, max ?? Infinity);
      if (part.includes("left")) { edges.start_time = end_time - length; edges.end_time = end_time; }
      else { edges.start_time = start_time; edges.end_time = start_time + length; }
    }
    return edges;
  };
  // What the player is to play of it: full height is all frequencies.
  const playable = ({ start_time, end_time, y0, y1 }) => {
    const hz = (y) => y0 == null || y1 == null ? null : frame.hz(y);
    return { start_time, end_time, min_frequency: hz(y0), max_frequency: hz(y1) };
  };
  const cursor = (part) => {
    if (part.length === 4) return "move";
    if (part.length === 1) return part[0] === "left" || part[0] === "right" ? "ew-resize" : "ns-resize";
    return part.join() === "left,top" || part.join() === "right,bottom" ? "nwse-resize" : "nesw-resize";
  };
  return { placed, rectangle, hit, isInside, held, ordered, moved, playable, cursor, hasHeight, isLine };
}
