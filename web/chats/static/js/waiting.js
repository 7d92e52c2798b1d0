// The own messages that wait to be sent, below the others, as plain text.
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

export function openWaiting({ thread, queue, retry, discard }) {
  const { list } = thread;

  function made(item) {
    const line = element("li", { className: `message mine waiting${item.failed ? " failed" : ""}` });
    line.dataset.waiting = item.client_id;
    line.dataset.failed = item.failed || "";
    const meta = element("p", { className: "meta" });
    if (item.failed) {
      const again = element("button", { type: "button", className: "link", textContent: "Try again" });
      const remove = element("button", { type: "button", className: "link", textContent: "Remove" });
      again.addEventListener("click", () => {
        queue.change(item.client_id, { failed: "" });
        show();
        retry();
      });
      remove.addEventListener("click", () => {
        queue.remove(item.client_id);
        for (const { id } of item.files ?? []) discard(id).catch(() => {}); // the server removes it later
        show();
      });
      meta.append(element("span", { textContent: `Not sent. ${item.failed}` }), again, remove);
    } else {
      meta.append(element("span", { textContent: item.files?.length ? "Being checked and sent" : "Sending" }));
    }
    line.append(element("span", { className: "unseen", textContent: "You:" }));
    if (item.body) line.append(element("div", { className: "bubble plain-text", dir: "auto", textContent: item.body }));
    if (item.files?.length) line.append(attached(item.files));
    line.append(meta);
    return line;
  }

  function attached(files) {
    const names = files.map(({ name }) => element("li", { className: "file" }, element("b", { textContent: name })));
    return element("ul", { className: "bubble attached" }, ...names);
  }

  const waitingLine = (id) => list.querySelector(`[data-waiting="${CSS.escape(id)}"]`);
  const isShown = (id) => list.querySelector(`[data-client="${CSS.escape(id)}"]`) !== null;

  // A line that is shown for every message that waits, and for none that has been sent by another tab.
  function show() {
    const items = queue.items();
    const ids = new Map(items.map((item) => [item.client_id, item]));
    for (const line of list.querySelectorAll("[data-waiting]")) {
      const item = ids.get(line.dataset.waiting);
      if (!item && !("sent" in line.dataset)) line.remove();
      else if (item && (item.failed || "") !== line.dataset.failed) line.replaceWith(made(item));
    }
    for (const item of items) {
      if (!isShown(item.client_id) && !waitingLine(item.client_id)) list.append(made(item));
    }
  }
  // The line of a message that has been stored stays until that of the server has come.
  function sent(id) {
    const line = waitingLine(id);
    if (isShown(id)) line?.remove();
    else if (line) line.dataset.sent = "";
  }
  return { show, sent };
}
