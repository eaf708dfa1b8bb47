// Draws the marks: each a dark line beneath a coloured one, so that it can be seen on
// any palette; the one in hand with handles at its edges.
const N_COLOURS = 5;

function createPaint(frame, shapes) {
  const group = svgElement("g", { class: "marks" }, frame.svg);
  const spoken = document.createElement("div");
  spoken.className = "spoken";
  spoken.setAttribute("role", "status");
  spoken.setAttribute("aria-live", "polite");
  frame.layer.append(spoken);

  const line = (parent, x) => {
    for (const kind of ["halo", "stroke"]) svgElement("line", { class: kind, x1: x, x2: x, y1: 0, y2: frame.height }, parent);
  };
  const handles = (parent, { left, right, top, bottom }, isBox, resizable) => {
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const points = isBox ? [[left, top], [right, top], [left, bottom], [right, bottom], [x, top], [x, bottom], [left, y], [right, y]]
      : [[left, y], [right, y]];
    if (resizable) for (const [px, py] of points) svgElement("rect", { class: "grip", x: px - 3, y: py - 3, width: 6, height: 6 }, parent);
  };
  const write = (parent, text, { left, right, top }) => {
    if (!text) return;
    // Within the frame, whatever part of the box is in sight.
    const x = Math.max(left, 0) + 4, y = Math.max(top, 0) + 13;
    if (x > Math.min(right, frame.width) + 40) return;
    const node = svgElement("text", { class: "label", x, y }, parent);
    node.textContent = text;
  };
  const drawOne = (box, number, isActive, tool) => {
    const at = shapes.rectangle(box);
    if (!at || at.right < -20 || at.left > frame.width + 20) return;
    const node = svgElement("g", { class: isActive ? "mark active" : "mark", "data-key": box.key,
                                   "data-colour": number % N_COLOURS }, group);
    if (shapes.isLine()) {
      if (box.start_time != null) line(node, frame.x(box.start_time));
      if (box.end_time != null && box.start_time != null)
        svgElement("rect", { class: "span", x: at.left, y: 0, width: Math.max(0, at.right - at.left), height: frame.height }, node);
      if (box.end_time != null) line(node, frame.x(box.end_time));
    } else {
      const { left, top } = at;
      const [width, height] = [Math.max(1, at.right - left), Math.max(1, at.bottom - top)];
      for (const kind of ["halo", "stroke"]) svgElement("rect", { class: kind, x: left, y: top, width, height }, node);
      if (isActive) handles(node, at, shapes.hasHeight(), tool.resizable);
    }
    write(node, box.label, at);
  };

  let told = "";
  return {
    draw(boxes, active, tool) {
      group.replaceChildren();
      boxes.forEach((box, number) => drawOne(box, number, box.key === active, tool));
    },
    // What the box in hand reaches, for who cannot see it.
    say(box, number) {
      const parts = [];
      if (box) {
        const { start_time, end_time, y0, y1 } = box;
        parts.push([start_time, end_time].filter((t) => t != null).map((t) => t.toFixed(2)).join(" to ") + " s");
        if (y0 != null && y1 != null) parts.push(`${Math.round(frame.hz(y0))} to ${Math.round(frame.hz(y1))} Hz`);
      }
      const text = box ? `Mark ${number + 1}: ${parts.join(", ")}` : "";
      if (text !== told) { told = text; spoken.textContent = text; }
    },
  };
}
