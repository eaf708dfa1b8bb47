"""What benchmarks/player.py does in the page, frame by frame."""

from __future__ import annotations

__all__ = ["PRESS_AND_WAIT", "UNTIL_DRAWN", "UNTIL_FINE"]

# The picture's data source: it changes when a clip arrives, and is drawn a frame later.
_SOURCE = """
const fig = Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .find((model) => model.type === "Figure" && model.name?.startsWith("figure-"));
const source = fig?.renderers.find((r) => r.glyph?.type === "Image").data_source;
const pixels = () => { const d = source.data; return Array.from(d.image ?? d.get("image"))[0]; };
const next = () => new Promise(requestAnimationFrame);
"""
UNTIL_DRAWN = """
async (which) => {
  SOURCE
  const all = (root, selector, found = []) => {
    for (const el of root.querySelectorAll("*")) {
      if (el.matches(selector)) found.push(el);
      if (el.shadowRoot) all(el.shadowRoot, selector, found);
    }
    return found;
  };
  const rows = all(document, "tr[data-position]");
  const at = rows.findIndex((row) => row.classList.contains("current"));
  const [target] = rows.length ? [rows[(at + which) % rows.length]] : all(document, "button.next");
  const before = fig ? pixels() : window.shown;
  const start = performance.now();
  target.click();
  while ((fig ? pixels() : window.shown) === before) await next();
  await next();
  return performance.now() - start;
}
""".replace("SOURCE", _SOURCE)
"""Click on a row so many further down (or on the button), and wait for the pixels."""

UNTIL_FINE = """
async () => {
  SOURCE
  const detail = fig.renderers.find((r) => r.name === "detail");
  const view = Bokeh.index.find_one(fig), box = view.canvas_view.el.getBoundingClientRect();
  const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2,
               deltaY: -120, bubbles: true, composed: true, cancelable: true };
  let target = document.elementFromPoint(at.clientX, at.clientY);
  while (target.shadowRoot) target = target.shadowRoot.elementFromPoint(at.clientX, at.clientY);
  const before = detail.data_source.data;
  target.dispatchEvent(new WheelEvent("wheel", at));
  const start = performance.now();
  while (!(detail.visible && detail.data_source.data !== before)) await next();
  await next();
  return performance.now() - start;
}
""".replace("SOURCE", _SOURCE)
"""Turn the wheel over the picture, and wait for the part at full detail."""

PRESS_AND_WAIT = """
async () => {
  SOURCE
  const before = pixels();
  const keys = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (el.dataset?.keys) return el;
      const found = el.shadowRoot && keys(el.shadowRoot);
      if (found) return found;
    }
  };
  keys(document).dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, composed: true }));
  while (pixels() === before) await next();
  await next();
}
""".replace("SOURCE", _SOURCE)
"""Go on to the next clip by its key, and wait for the pixels."""
