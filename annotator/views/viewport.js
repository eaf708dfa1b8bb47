// What part of the picture is in sight: wheel, zoom box, pan, keys. All in the browser;
// the server hears where it came to rest, and sends that part at full detail.
const REST = 120; // ms
const STEP = 0.8; // of a key
const WHEEL = 0.0018; // per px of the wheel
const FINEST = { time: 2e-4, y: 2e-3 }; // of the whole picture

function createViewport(frame, model, actions) {
  let resting = 0, used = 0, all = frame.picture;
  const isPart = (low, high, floor, ceiling) => high - low < (ceiling - floor) * (1 - 1e-6);
  const zoomed = () => {
    const { t0, t1, y0, y1 } = frame.bounds();
    return { time: isPart(t0, t1, all.t0, all.t1), frequency: isPart(y0, y1, all.y0, all.y1) };
  };
  const isZoomed = () => { const { time, frequency } = zoomed(); return time || frequency; };
  // A span moved inside of its limits, no longer than they are, no shorter than the finest.
  const inside = (low, high, floor, ceiling, finest) => {
    const least = (ceiling - floor) * finest;
    if (high - low < least) { const middle = (low + high) / 2; low = middle - least / 2; high = middle + least / 2; }
    const span = Math.min(high - low, ceiling - floor);
    low = Math.min(Math.max(low, floor), ceiling - span);
    return [low, span === ceiling - floor ? ceiling : low + span];
  };
  const show = (wanted) => {
    const before = frame.bounds();
    const [t0, t1] = inside(wanted.t0, wanted.t1, all.t0, all.t1, FINEST.time);
    const [y0, y1] = inside(wanted.y0, wanted.y1, all.y0, all.y1, FINEST.y);
    if (t0 === before.t0 && t1 === before.t1 && y0 === before.y0 && y1 === before.y1) return false;
    frame.show({ t0, t1, y0, y1 });
    moved();
    return true;
  };
  const moved = () => {
    clearTimeout(resting);
    resting = setTimeout(() => actions.send("viewport", {
      ...frame.bounds(), zoomed: isZoomed(), revision: all.revision,
      width: Math.round(frame.width * (window.devicePixelRatio || 1)) }), REST);
  };
  const scaled = (low, high, at, factor) => [at - (at - low) * factor, at + (high - at) * factor];
  const zoom = (factor, { t, y }, { time = true, frequency = true } = {}) => {
    const { t0, t1, y0, y1 } = frame.bounds();
    const [a, b] = time ? scaled(t0, t1, t, factor) : [t0, t1];
    const [c, d] = frequency ? scaled(y0, y1, y, factor) : [y0, y1];
    return show({ t0: a, t1: b, y0: c, y1: d });
  };
  const pan = (right, up) => {
    const { t0, t1, y0, y1 } = frame.bounds();
    const dt = right * (t1 - t0), dy = up * (y1 - y0);
    return show({ t0: t0 + dt, t1: t1 + dt, y0: y0 + dy, y1: y1 + dy });
  };
  const reset = () => show(all);
  // Another clip is seen whole. The same one in another look stays where it was.
  const adopt = () => {
    const was = zoomed(), now = frame.bounds(), isNew = frame.picture.clip !== all.clip;
    all = frame.picture;
    const keep = (name, floor, ceiling, finest) => !isNew && was[name] ? inside(...floor, ...ceiling, finest) : ceiling;
    const [t0, t1] = keep("time", [now.t0, now.t1], [all.t0, all.t1], FINEST.time);
    const [y0, y1] = keep("frequency", [now.y0, now.y1], [all.y0, all.y1], FINEST.y);
    clearTimeout(resting);
    frame.show({ t0, t1, y0, y1 });
    if (isZoomed()) moved();
  };
  frame.onpicture(adopt);
  const middle = () => { const { t0, t1, y0, y1 } = frame.bounds(); return { t: (t0 + t1) / 2, y: (y0 + y1) / 2 }; };

  // Seconds and Hz, each of them optional: what is typed.
  const goto = ({ start_time, end_time, min_frequency, max_frequency }) => {
    const { t0, t1, y0, y1 } = frame.bounds();
    const place = (hz, other) => hz == null ? other : (all.isFrequency ? frame.fromHz(hz) : hz);
    const [a, b] = [start_time ?? t0, end_time ?? t1].sort((p, q) => p - q);
    const [c, d] = [place(min_frequency, y0), place(max_frequency, y1)].sort((p, q) => p - q);
    return show({ t0: a, t1: b, y0: c, y1: d });
  };

  // The wheel over the picture or the time axis zooms in time, with Shift or over the
  // frequency axis in frequency; sideways it pans. At its limits the page has the wheel.
  const wheel = (event, zone) => {
    const frequency = event.shiftKey || zone === "frequency";
    const isSideways = !event.shiftKey && Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const unit = [1, 30, 300][event.deltaMode] ?? 1;
    const delta = (event.deltaY || event.deltaX) * unit;
    const did = isSideways
      ? pan(event.deltaX * unit / frame.width, 0)
      // Two fingers on a touchpad come as a wheel with Ctrl, in small steps.
      : zoom(Math.exp(Math.max(-300, Math.min(300, delta)) * WHEEL * (event.ctrlKey ? 5 : 1)),
             frame.point(event), { time: !frequency, frequency });
    if (did || event.ctrlKey || event.timeStamp - used < 400) {
      event.preventDefault();
      if (did) used = event.timeStamp;
    }
  };

  const rectangle = svgElement("rect", { class: "zoom-box", visibility: "hidden" }, frame.svg);
  const zoomBox = (from) => {
    const edges = (to) => {
      const clamp = (v, most) => Math.min(Math.max(v, 0), most);
      const xs = [from.px, clamp(to.px, frame.width)].sort((a, b) => a - b);
      const ys = [from.py, clamp(to.py, frame.height)].sort((a, b) => a - b);
      return { x: xs[0], y: ys[0], width: xs[1] - xs[0], height: ys[1] - ys[0] };
    };
    const hide = () => rectangle.setAttribute("visibility", "hidden");
    return {
      move(to) {
        for (const [name, value] of Object.entries(edges(to))) rectangle.setAttribute(name, value);
        rectangle.setAttribute("visibility", "visible");
      },
      end(to) {
        hide();
        const { x, y, width, height } = edges(to), now = frame.bounds();
        // A flat or narrow box means one direction.
        const [t0, t1] = width < 6 ? [now.t0, now.t1] : [frame.time(x), frame.time(x + width)];
        const [y0, y1] = height < 6 ? [now.y0, now.y1] : [frame.value(y + height), frame.value(y)];
        show({ t0, t1, y0, y1 });
      },
      cancel: hide,
    };
  };
  const drag = (from) => {
    const { t0, t1, y0, y1 } = frame.bounds();
    return {
      cursor: "grabbing",
      move(to) {
        const dt = (from.px - to.px) / frame.width * (t1 - t0), dy = (to.py - from.py) / frame.height * (y1 - y0);
        show({ t0: t0 + dt, t1: t1 + dt, y0: y0 + dy, y1: y1 + dy });
      },
      end() {}, cancel() { show({ t0, t1, y0, y1 }); },
    };
  };

  return {
    goto, reset, zoomed, wheel,
    grab: (point) => model.mode === "zoom" ? zoomBox(point) : isZoomed() || model.mode === "pan" ? drag(point) : null,
    doubleClick: () => reset(),
    cursor: () => model.mode === "zoom" ? "zoom-in" : model.mode === "pan" ? "grab" : "",
    key({ key }) {
      if (key === "+" || key === "=") return zoom(STEP, middle()), true;
      if (key === "-" || key === "_") return zoom(1 / STEP, middle()), true;
      if (key === "0") return reset(), true;
      const arrow = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[key];
      // Where there is nothing to pan to, an arrow goes on to the next clip.
      if (arrow && (arrow[0] ? zoomed().time : zoomed().frequency)) return pan(...arrow), true;
      return false;
    },
    stop: () => clearTimeout(resting),
  };
}
