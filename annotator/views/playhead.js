// A handle on the playhead: drag it along the upper edge, or anywhere with a quick grip.
const GRIP = 8; // px

function createPlayhead(frame, model, actions) {
  const head = frame.figure.center.find((part) => part.type === "Span" && part.name === model.playhead);
  const handle = svgElement("path", { class: "playhead", d: "M-6 0 H6 L0 9 Z" }, frame.svg);
  const draw = () => {
    const px = head ? frame.x(head.location) : NaN;
    const isSeen = head?.visible && px >= -1 && px <= frame.width + 1;
    handle.setAttribute("visibility", isSeen ? "visible" : "hidden");
    if (isSeen) handle.setAttribute("transform", `translate(${px} 0)`);
  };
  const isNear = ({ px, py }) => head?.visible && py < 2 * GRIP && Math.abs(px - frame.x(head.location)) <= GRIP;
  head?.change.connect(draw);
  return {
    grab: (point) => isNear(point)
      ? { cursor: "ew-resize", move: ({ t }) => actions.seek(t), end() {}, cancel() {} } : null,
    cursor: (point) => isNear(point) ? "ew-resize" : "",
    redraw: draw,
    stop: () => head?.change.disconnect(draw),
  };
}
