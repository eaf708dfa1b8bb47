// A list of things with what one can do to each. All text enters by textContent.
const node = (tag, cls, text) => {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  if (text != null) el.textContent = text;
  return el;
};

export function render({ model, el }) {
  const scroll = node("div", "scroll");
  const table = node("table");
  const head = table.createTHead(), body = table.createTBody();
  scroll.append(table);
  const empty = node("div", "empty");
  empty.setAttribute("role", "status");
  el.append(scroll, empty);

  const send = (type, key, name) => model.send_msg({ type, key, name });

  const drawHead = () => {
    const row = node("tr");
    for (const { label, kind } of model.columns) {
      const th = node("th", kind === "number" ? "number" : "", label);
      th.scope = "col";
      row.append(th);
    }
    if (model.actions.length) row.append(node("th"));
    head.replaceChildren(row);
    table.setAttribute("aria-label", model.title);
  };

  // What cannot be taken back asks once, in its own place.
  const askFirst = (cell, action, key) => {
    const before = [...cell.childNodes];
    const keep = node("button", "", "Keep"), go = node("button", "sure", action.label);
    const back = () => { cell.replaceChildren(...before); before.find((b) => b.dataset.name === action.name)?.focus(); };
    keep.onclick = (event) => { event.stopPropagation(); back(); };
    go.onclick = (event) => {
      event.stopPropagation();
      go.disabled = keep.disabled = true;
      send("action", key, action.name);
    };
    cell.onkeydown = (event) => { if (event.key === "Escape") back(); };
    cell.replaceChildren(node("span", "ask", action.confirm), keep, go);
    keep.focus();
  };

  const buttonsOf = (item) => {
    const cell = node("td", "acts");
    for (const action of model.actions) {
      if (!item.actions.includes(action.name)) continue;
      const button = node("button", action.confirm ? "danger" : "", action.label);
      button.dataset.name = action.name;
      button.title = action.tip ?? action.label;
      button.setAttribute("aria-label", `${action.label}: ${item.cells[0]}`);
      button.onclick = (event) => {
        event.stopPropagation();
        if (action.confirm) askFirst(cell, action, item.key);
        else send("action", item.key, action.name);
      };
      cell.append(button);
    }
    return cell;
  };

  const drawRows = () => {
    body.replaceChildren(...model.rows.map((item) => {
      const row = node("tr", [item.tone ?? "", model.opens ? "opens" : ""].join(" ").trim());
      row.dataset.key = item.key;
      item.cells.forEach((text, k) => {
        const kind = model.columns[k]?.kind ?? "";
        const cell = node("td", kind);
        if (model.opens && k === 0) cell.append(node("button", "open", text));
        else if (kind === "chips" && text) cell.append(node("span", "chip", text));
        else cell.textContent = text;
        if (text.length > 24) cell.title = text;
        row.append(cell);
      });
      if (model.actions.length) row.append(buttonsOf(item));
      if (model.opens) row.onclick = () => send("open", item.key, "");
      return row;
    }));
    const none = model.rows.length === 0;
    scroll.hidden = none;
    empty.hidden = !none;
    empty.textContent = model.empty_text;
  };

  // A file is handed over and forgotten: it is in no model.
  const save = ({ name, mime, content }) => {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    const link = node("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: mime }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  model.on("msg:custom", (message) => { if (message.type === "file") save(message); });

  model.on(["columns", "actions", "title"], () => { drawHead(); drawRows(); });
  model.on(["rows", "empty_text", "opens"], drawRows);
  drawHead();
  drawRows();
}
