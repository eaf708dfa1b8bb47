// A new token: shown once, and out of the document as soon as the box is closed.
const node = (tag, cls, text) => {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  if (text != null) el.textContent = text;
  return el;
};

export function render({ model, el }) {
  const box = node("div", "box");
  box.setAttribute("role", "alertdialog");
  box.setAttribute("aria-label", "New token");
  const title = node("h3"), text = node("code", "secret");
  text.tabIndex = 0;
  const copy = node("button", "copy", "Copy"), done = node("button", "done", "Done");
  const line = node("div", "line");
  line.append(text, copy);
  const foot = node("div", "foot");
  foot.append(
    node("p", "", "Copy it now: it cannot be seen again. Who has it can act as you, so keep it like a password."),
    done,
  );
  box.append(title, line, foot);
  el.append(box);

  const draw = () => {
    box.hidden = !model.secret;
    title.textContent = model.secret ? `New token “${model.token_name}”` : "";
    text.textContent = model.secret;
    copy.textContent = "Copy";
  };
  const select = () => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(model.secret);
      copy.textContent = "Copied";
    } catch {
      select(); // without https a browser gives no clipboard
      copy.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
    }
  };
  const hide = () => {
    text.textContent = title.textContent = "";
    box.hidden = true;
  };
  done.onclick = () => { hide(); model.send_msg("close"); };
  // A browser may keep a page that was left; the server forgets the token by itself.
  window.addEventListener("pagehide", hide);
  model.on("token_name", draw);
  model.on("secret", () => { draw(); if (model.secret) copy.focus(); });
  draw();
}
