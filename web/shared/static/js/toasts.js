// Short messages in the corner. Imported by other modules; one message is shown at a time.
const SHOWN_MS = 6000;

// Stays until it is closed: for messages that require an action.
export function show(text, { address, action, tone, tab = "" }) {
  const toast = element("div", { className: `toast ${tone}` });
  const line = element("p");
  line.append(element("b", { textContent: text }));
  const words = element("div");
  words.append(line);
  const link = element("a", { className: "button small", href: address, target: tab, textContent: action });
  const close = element("button", { className: "button quiet small", type: "button", textContent: "Close" });
  close.addEventListener("click", () => toast.remove());
  toast.append(words, link, close);
  document.getElementById("toasts").replaceChildren(toast);
  return toast;
}

// Closes automatically, but not while the pointer or the focus is on it.
export function notify(text, { address, action }) {
  const toast = show(text, { address, action, tone: "held" });
  let timer = 0;
  const stay = () => clearTimeout(timer);
  const leave = () => {
    stay();
    timer = setTimeout(() => toast.remove(), SHOWN_MS);
  };
  for (const kind of ["pointerenter", "focusin"]) toast.addEventListener(kind, stay);
  for (const kind of ["pointerleave", "focusout"]) toast.addEventListener(kind, leave);
  leave();
}

function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
