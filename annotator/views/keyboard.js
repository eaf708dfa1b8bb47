// Gives the whole dashboard its keys, and keeps them from a notebook around it.
const AT_ONCE = 300; // ms
const WRITES = new Set(["INPUT", "TEXTAREA", "SELECT"]);

// Panel's line to a notebook lacks two things that its server has.
function inNotebook(model, view) {
  const line = view.model.document.roots().find((root) => root.type.endsWith(".CommManager"));
  if (!line) return;
  if (!line.announced) {
    line.announced = new Set();
    // It echoes what Python sends, megabytes and all, and each step of the playhead: an
    // echo that comes late would undo a newer change. Only the browser's own news may go.
    const changed = line._document_changed;
    line._document_changed = (event) => { if (event.sync) changed.call(line, event); };
  }
  if (line.announced.has(view.model.id)) return;
  line.announced.add(view.model.id);
  // It drops what Python sends before the view is in this index, and what is sent to
  // Python before it is open.
  const announce = (tries) => {
    const id = view.root.model.id;
    const there = window.Bokeh?.index[id] || window.PyViz.plot_index?.[id];
    if (there && line._client_comm?.connected !== false) model.send_msg("shown");
    else if (tries > 0) setTimeout(() => announce(tries - 1), 50);
  };
  announce(1200);
}

export function render({ model, el, view }) {
  el.append(model.get_child("content"));
  if (el.dataset.keys) return; // other content, the same keys
  el.dataset.keys = "on";
  el.tabIndex = 0;
  el.style.outline = "none";
  // JupyterLab leaves keys alone beneath an element with this mark.
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  let host = view.el;
  for (let root = host.getRootNode(); root instanceof ShadowRoot; root = host.getRootNode()) host = root.host;
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  if (window.PyViz) inNotebook(model, view);

  // The name belongs to the component's data model.
  const player = () => view.model.document?.get_model_by_name(model.player);
  el.addEventListener("mousedown", (event) => {
    if (event.defaultPrevented) return; // an open list keeps the focus where it is
    const target = event.composedPath()[0];
    if (!target.closest?.("input, textarea, select, button, summary, [role=combobox], [role=option], [role=menuitem], .bk-menu, [tabindex]:not([tabindex='-1'])")) {
      queueMicrotask(() => el.focus({ preventScroll: true }));
    }
  });
  // A second click or Enter that comes at once is a slip of the hand, not an answer
  // about the next clip, which is there by then.
  let submitted = -Infinity;
  const again = (event) => {
    const before = submitted;
    submitted = event.timeStamp;
    return submitted - before < AT_ONCE;
  };
  const isSubmit = (event) => event.composedPath().some((node) => node.classList?.contains("submit-button"));
  el.addEventListener("click", (event) => {
    if (!isSubmit(event)) submitted = -Infinity;
    else if (again(event) || event.detail > 1) event.stopPropagation();
  }, true);
  // After a click on a button the keys are the dashboard's again: Enter submits the
  // answer that was clicked, and a Submit that falls asleep takes no focus with it.
  el.addEventListener("click", (event) => {
    const path = event.composedPath();
    const isButton = path[0].closest?.("button") && !path.some((node) => node.classList?.contains("MuiInputBase-root"));
    if (isButton && event.detail > 0) el.focus({ preventScroll: true });
  });
  el.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const target = event.composedPath()[0];
    const role = target.getAttribute?.("role");
    const writes = (WRITES.has(target.tagName) && !["checkbox", "radio", "button"].includes(target.type))
      || target.isContentEditable || ["combobox", "listbox", "menu", "menuitem", "option", "slider"].includes(role);
    const { key } = event;
    if (window.PyViz && (event.ctrlKey || event.metaKey) && key.toLowerCase() === "s") {
      // A notebook is saved from here too, not the page by the browser.
      const { code, ctrlKey, metaKey, keyCode } = event;
      host.closest(".jp-Cell")?.dispatchEvent(
        new KeyboardEvent("keydown", { key, code, ctrlKey, metaKey, keyCode, bubbles: true, cancelable: true }));
      return event.preventDefault();
    }
    if (key !== "Enter") submitted = -Infinity;
    const withControl = (event.ctrlKey || event.metaKey) && !event.altKey;
    const isTurn = withControl && ["z", "y"].includes(key.toLowerCase());
    if (writes || ((event.ctrlKey || event.metaKey || event.altKey) && !isTurn)) return;
    // The surface over the picture first: it may have a box in hand, or be zoomed.
    const offer = new CustomEvent("annotator-key", { detail: event, cancelable: true });
    if (!el.dispatchEvent(offer)) return event.preventDefault();
    if (isTurn && (event.shiftKey || key.toLowerCase() === "y")) return;
    const undo = isTurn;
    const presses = target.tagName === "BUTTON" || target.tagName === "SUMMARY";
    if (key === " ") {
      // A focused button or box keeps Space, except Play's own and the table's.
      if ((presses || target.tagName === "INPUT") && !target.closest("tr, .foot, .play")) return;
      const data = player();
      if (data) { if (event.shiftKey) data.restart += 1; else data.playing = !data.playing; }
    } else if (undo) {
      model.send_msg("undo");
    } else if (key === "ArrowDown" || key === "ArrowRight") {
      model.send_msg("next");
    } else if (key === "ArrowUp" || key === "ArrowLeft") {
      model.send_msg("previous");
    } else if (key === "Enter" && !presses) {
      if (!again(event)) model.send_msg("submit");
    } else if (/^[1-9]$/.test(key)) {
      model.send_msg(key);
    } else return;
    event.preventDefault();
  });
}
