// A page whose server is gone does not answer any more, and looks as if it did.
export function render({ model, el, view }) {
  const banner = document.createElement("div");
  banner.className = "lost";
  banner.setAttribute("role", "alert");
  el.append(banner);
  // Bokeh tells it to the document; not when the page itself is being left.
  view.model.document.on_event("connection_lost", () => {
    const reload = document.createElement("button");
    reload.textContent = "Reload";
    reload.addEventListener("click", () => location.reload());
    banner.replaceChildren(model.text, " ", reload);
    banner.classList.add("shown");
  });
  view.model.document.on_event("client_reconnected", () => banner.classList.remove("shown"));
}
