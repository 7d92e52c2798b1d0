// The number of conversations with unread messages, in the navigation and in the title of every page; and
// the list of conversations, where the page shows it.
import { forget } from "./storage.js";

const PATH = "/messages/list";
const SOON_MS = 250;
const known = new Map();
const place = () => document.querySelector("[data-chat-list]");
let timer = 0;

function show(count) {
  for (const badge of document.querySelectorAll('[data-count="/messages"]')) {
    badge.querySelector("b").textContent = count;
    badge.hidden = !count;
  }
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = count ? `(${count}) ${title}` : title;
}

async function load() {
  const current = document.querySelector("[data-chat]")?.dataset.chat ?? "";
  const response = await fetch(`${PATH}?current=${current}`, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return;
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  const fresh = template.content.querySelector("[data-chat-list]");
  show(Number(fresh.dataset.unread));
  const old = place();
  if (!old || "later" in old.dataset) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : "";
  old.replaceWith(fresh);
  if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => load().catch(() => {}), SOON_MS);
}

document.addEventListener("live:chat:updated", ({ detail: { chat, unread } }) => {
  const has = unread > 0;
  if (known.get(chat) === has && !place()) return;
  known.set(chat, has);
  soon();
});
// What was missed while the connection was down, or while the page was out of sight.
document.addEventListener("live:connected", (event) => event.detail.again && soon());
addEventListener("pageshow", (event) => event.persisted && soon());
document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname === "/logout") forget();
});
