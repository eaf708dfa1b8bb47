// The marks of the clip as a list: a click takes one in hand, its x removes it.
export function render({ model, el }) {
  const list = document.createElement("div");
  list.className = "list";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Marks");
  el.append(list);
  const make = (tag, cls, text, parent) => {
    const node = document.createElement(tag);
    node.className = cls;
    node.textContent = text;
    parent.append(node);
    return node;
  };
  const say = (type, key) => model.send_msg({ type, key });
  const draw = () => {
    // Whoever goes through the list by keys stays at the same place in it.
    const root = el.getRootNode(), at = [...list.querySelectorAll("button")].indexOf(root.activeElement);
    list.replaceChildren();
    model.items.forEach(({ key, text, missing }, number) => {
      const item = document.createElement("span");
      item.className = "item";
      item.dataset.key = key;
      item.dataset.colour = number % 5;
      item.classList.toggle("active", key === model.active);
      const pick = make("button", "pick", "", item);
      make("span", "swatch", "", pick);
      make("span", "text", text, pick);
      if (missing) make("span", "missing", missing, pick);
      pick.setAttribute("aria-pressed", String(key === model.active));
      pick.onclick = () => say("activate", key === model.active ? "" : key);
      const drop = make("button", "drop", "×", item);
      drop.setAttribute("aria-label", `Remove mark ${number + 1}`);
      drop.title = "Remove (Delete)";
      drop.onclick = () => say("remove", key);
      list.append(item);
    });
    const buttons = list.querySelectorAll("button");
    if (at >= 0 && buttons.length) buttons[Math.min(at, buttons.length - 1)].focus();
  };
  model.on(["items", "active"], draw);
  draw();
}
