// What is in sight, in numbers that can be typed, and what a drag over the picture does.
// It speaks with the surface in the browser alone.
const ICONS = {
  zoom: "M2.5 2.5 h11 v11 h-11 Z",
  settings: "M2 4.5 H9 M12 4.5 H14 M2 11.5 H4 M7 11.5 H14 M9 4.5 a1.5 1.5 0 1 0 3 0 a1.5 1.5 0 1 0 -3 0 M4 11.5 a1.5 1.5 0 1 0 3 0 a1.5 1.5 0 1 0 -3 0",
  pan: "M8 1.5 V14.5 M1.5 8 H14.5 M5.8 3.7 8 1.5 10.2 3.7 M5.8 12.3 8 14.5 10.2 12.3 M3.7 5.8 1.5 8 3.7 10.2 M12.3 5.8 14.5 8 12.3 10.2",
};
const FIELDS = [
  ["Time min (s)", "start_time", 1], ["Time max (s)", "end_time", 1],
  ["Freq min (kHz)", "min_frequency", 1000], ["Freq max (kHz)", "max_frequency", 1000],
];

export function render({ model, el, view }) {
  const bar = document.createElement("div");
  bar.className = "zoom-bar";
  el.append(bar);
  let surface = null, stopped = false, wishes = 0;

  const button = (label, title, press) => {
    const node = document.createElement("button");
    node.type = "button";
    node.title = title;
    node.setAttribute("aria-label", label);
    node.onclick = press;
    bar.append(node);
    return node;
  };
  const draw = (node, icon) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICONS[icon]);
    svg.append(path);
    node.append(svg);
  };
  const modes = Object.entries({ zoom: ["Zoom box", "Zoom box: drag over the picture"], pan: ["Pan", "Pan: drag the picture"] })
    .map(([mode, [label, title]]) => {
      const node = button(label, title, () => { if (surface) surface.mode = surface.mode === mode ? "mark" : mode; });
      draw(node, mode);
      node.dataset.mode = mode;
      return node;
    });
  const reset = button("Reset", "Reset: all in sight (0, or a double click)", () => ask({ reset: true }));
  reset.textContent = "Reset";

  const ask = (wish) => surface?.setv({ wish: { ...wish, count: `bar ${++wishes}` } }, { sync: false });
  const fields = FIELDS.map(([label, name, unit], k) => {
    if (k % 2 === 0) {
      const group = document.createElement("span");
      group.className = "group";
      group.textContent = k === 0 ? "s" : "kHz";
      bar.append(group);
    }
    const field = document.createElement("input");
    field.inputMode = "decimal";
    field.title = label;
    field.setAttribute("aria-label", label);
    const group = bar.lastChild;
    group.insertBefore(field, group.lastChild);
    if (k % 2 === 0) group.insertBefore(document.createTextNode("–"), group.lastChild);
    const commit = () => {
      const typed = Number(field.value.trim().replace(",", "."));
      if (field.value.trim() && Number.isFinite(typed) && field.value !== field.dataset.shown) ask({ [name]: typed * unit });
      show();
    };
    field.addEventListener("change", commit);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") field.value = field.dataset.shown;
      if (event.key === "Enter" || event.key === "Escape") field.blur();
    });
    return { field, unit };
  });

  const settings = button("Settings", "Settings of the picture", () => { model.unfolded = !model.unfolded; });
  settings.className = "settings";
  draw(settings, "settings");

  // No more digits than the picture has: its lowest edge is half a row below the first.
  const told = (value, span) => {
    const digits = Math.min(3, Math.max(1, Math.ceil(-Math.log10(span / 200))));
    const text = (+value.toFixed(digits)).toFixed(digits).replace(/(\.\d)0+$/, "$1");
    return Number.isFinite(value) ? text : "";
  };
  const show = () => {
    settings.setAttribute("aria-expanded", String(model.unfolded));
    const seen = surface ? Array.from(surface.in_sight) : [];
    fields.forEach(({ field, unit }, k) => {
      const text = k < seen.length ? told(seen[k] / unit, (seen[k | 1] - seen[k & ~1]) / unit) : "";
      field.dataset.shown = text;
      field.disabled = !text;
      if (el.getRootNode().activeElement !== field || field.value === "") field.value = text;
    });
    for (const node of modes) node.setAttribute("aria-pressed", String(surface?.mode === node.dataset.mode));
  };
  const begin = () => {
    if (stopped) return;
    surface = findModel(view, model.surface);
    if (!surface?.properties?.in_sight) return setTimeout(begin, 50);
    surface.properties.in_sight.change.connect(show);
    surface.properties.mode.change.connect(show);
    show();
  };
  model.on("unfolded", show);
  model.on("remove", () => {
    stopped = true;
    surface?.properties.in_sight.change.disconnect(show);
    surface?.properties.mode.change.disconnect(show);
  });
  show();
  begin();
}
