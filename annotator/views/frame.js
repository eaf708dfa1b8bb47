// The frame of a Bokeh figure: where pixels, seconds, y coordinates and Hz belong together.
const SVG = "http://www.w3.org/2000/svg";

function svgElement(tag, attributes = {}, parent = null) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
}

// Straight lines between points; beyond the last ones the last.
function between(at, from, to) {
  const last = from.length - 1;
  if (!(at > from[0])) return to[0];
  if (at >= from[last]) return to[last];
  let low = 0, high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (from[middle] <= at) low = middle; else high = middle;
  }
  return to[low] + (to[high] - to[low]) * (at - from[low]) / (from[high] - from[low]);
}

function createFrame(figureView, layer) {
  const figure = figureView.model, { x_range, y_range } = figure;
  const source = figure.renderers.find((part) => part.name === "picture").data_source;
  const watchers = [], pictures = [];
  const onData = () => { frame.picture = read(); for (const watcher of pictures) watcher(); frame.changed(); };
  // The edges of the picture and its axis come with its bytes, in one piece.
  const read = () => {
    const get = (column) => Array.from(source.data[column] ?? source.data.get(column))[0];
    const [x, y, dw, dh, scale] = ["x", "y", "dw", "dh", "scale"].map(get);
    return { t0: x, t1: x + dw, y0: y, y1: y + dh, clip: get("clip"), label: get("label"), scale,
             clipStart: get("clip_start"), clipEnd: get("clip_end"), revision: get("revision"), decibels: get("decibels") || 100,
             isLinear: scale === "linear", isFrequency: scale !== "amplitude",
             axisY: Array.from(get("axis_y")), axisHz: Array.from(get("axis_hz")) };
  };
  const frame = {
    figure, layer, source, picture: read(), width: 1, height: 1, left: 0, top: 0,
    svg: svgElement("svg", { class: "surface" }, layer),
    x: (time) => (time - x_range.start) / (x_range.end - x_range.start) * frame.width,
    time: (px) => x_range.start + px / frame.width * (x_range.end - x_range.start),
    y: (value) => (1 - (value - y_range.start) / (y_range.end - y_range.start)) * frame.height,
    value: (py) => y_range.start + (1 - py / frame.height) * (y_range.end - y_range.start),
    hz: (value) => between(value, frame.picture.axisY, frame.picture.axisHz),
    fromHz: (hz) => between(hz, frame.picture.axisHz, frame.picture.axisY),
    // What is in sight: seconds and y coordinates.
    bounds: () => ({ t0: x_range.start, t1: x_range.end, y0: y_range.start, y1: y_range.end }),
    show({ t0, t1, y0, y1 }) {
      // The server need not know each step: it is told where it came to rest.
      x_range.setv({ start: t0, end: t1 }, { sync: false });
      y_range.setv({ start: y0, end: y1 }, { sync: false });
    },
    point(event) {
      const box = frame.svg.getBoundingClientRect();
      const px = event.clientX - box.left, py = event.clientY - box.top;
      return { px, py, t: frame.time(px), y: frame.value(py) };
    },
    // A new picture is taken in before anybody asks where things are on it.
    onpicture: (watcher) => { pictures.push(watcher); },
    onchange: (watcher) => { watchers.push(watcher); },
    changed: () => { for (const watcher of watchers) watcher(); },
    // Lay the surface exactly over the frame, where the figure stands and as large as it is.
    measure() {
      const here = layer.getBoundingClientRect(), canvas = figureView.canvas_view.el.getBoundingClientRect();
      const { bbox } = figureView.frame;
      const now = { left: canvas.left - here.left + bbox.left, top: canvas.top - here.top + bbox.top,
                    width: bbox.width, height: bbox.height };
      if (Object.entries(now).every(([name, value]) => frame[name] === value)) return;
      Object.assign(frame, now);
      for (const [name, value] of Object.entries(now)) frame.svg.style[name] = `${value}px`;
      frame.svg.setAttribute("viewBox", `0 0 ${now.width} ${now.height}`);
      frame.changed();
    },
    stop() {
      size.disconnect();
      source.properties.data.change.disconnect(onData);
      x_range.change.disconnect(frame.changed);
      y_range.change.disconnect(frame.changed);
    },
  };
  // Bokeh lays a figure out after its element changed size: look once more when it has.
  const size = new ResizeObserver(() => {
    frame.measure();
    requestAnimationFrame(() => requestAnimationFrame(frame.measure));
  });
  size.observe(figureView.canvas_view.el);
  size.observe(layer);
  source.properties.data.change.connect(onData);
  x_range.change.connect(frame.changed);
  y_range.change.connect(frame.changed);
  return frame;
}
