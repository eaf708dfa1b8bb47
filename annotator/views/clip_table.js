// One page of the clips: header clicks sort, a row click selects, the footer turns pages.
// All text enters by textContent; the server sends only the rows that are seen.
const node = (tag, cls, text) => {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  if (text != null) el.textContent = text;
  return el;
};

export function render({ model, el }) {
  const scroll = node("div", "scroll");
  const table = node("table");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", "Clips");
  const head = table.createTHead(), body = table.createTBody();
  scroll.append(table);
  const empty = node("div", "empty");
  empty.setAttribute("role", "status");
  const foot = node("div", "foot");
  const buttons = {};
  for (const [name, sign, title] of [["first", "«", "First page"], ["prev", "‹", "Previous page"], ["next", "›", "Next page"], ["last", "»", "Last page"]]) {
    const button = node("button", "", sign);
    button.title = title;
    button.setAttribute("aria-label", title);
    button.onclick = () => {
      const to = { first: 0, prev: model.page - 1, next: model.page + 1, last: model.n_pages - 1 }[name];
      model.send_msg({ type: "page", page: to });
    };
    buttons[name] = button;
  }
  const where = node("span", "where");
  foot.append(buttons.first, buttons.prev, where, buttons.next, buttons.last);
  el.append(scroll, empty, foot);

  const drawHead = () => {
    const row = node("tr");
    row.append(node("th", "mark"));
    for (const column of model.columns) {
      const sorted = column.name === model.sort_column;
      const th = node("th", column.numeric ? "number" : "");
      const button = node("button", "sort", column.label + (sorted ? (model.sort_descending ? " ▾" : " ▴") : ""));
      button.title = `Sort by ${column.label}`;
      button.onclick = (event) => model.send_msg({ type: "sort", column: event.shiftKey ? null : column.name });
      th.setAttribute("aria-sort", sorted ? (model.sort_descending ? "descending" : "ascending") : "none");
      th.append(button);
      row.append(th);
    }
    head.replaceChildren(row);
  };
  const drawRows = () => {
    body.replaceChildren(...model.rows.map(({ position, reviewed, cells }) => {
      const row = node("tr", reviewed ? "reviewed" : "");
      row.dataset.position = position;
      const mark = node("td", "mark", reviewed ? "✓" : "");
      mark.title = reviewed ? "Reviewed" : "Pending";
      row.append(mark);
      cells.forEach((cell, k) => {
        const td = node("td", model.columns[k]?.numeric ? "number" : "", cell);
        td.title = cell;
        row.append(td);
      });
      row.onclick = () => model.send_msg({ type: "select", position });
      return row;
    }));
    empty.textContent = model.rows.length ? "" : model.empty_text;
    empty.hidden = model.rows.length > 0;
    drawCurrent();
  };
  const drawCurrent = () => {
    for (const row of body.rows) {
      const current = Number(row.dataset.position) === model.current;
      row.classList.toggle("current", current);
      row.setAttribute("aria-selected", current);
      if (!current) continue;
      // Scrolls this table alone: scrollIntoView would move the whole notebook.
      const top = row.offsetTop - head.offsetHeight, bottom = row.offsetTop + row.offsetHeight;
      if (top < scroll.scrollTop) scroll.scrollTop = top;
      else if (bottom > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = bottom - scroll.clientHeight;
    }
  };
  const drawFoot = () => {
    where.textContent = model.where;
    buttons.first.disabled = buttons.prev.disabled = model.page <= 0;
    buttons.next.disabled = buttons.last.disabled = model.page >= model.n_pages - 1;
  };
  drawHead(); drawRows(); drawFoot();
  model.on(["columns", "sort_column", "sort_descending"], drawHead);
  model.on(["rows", "empty_text"], drawRows);
  model.on("current", drawCurrent);
  model.on(["page", "n_pages", "where"], drawFoot);
}
