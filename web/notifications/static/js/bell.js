// The bell of every page: its count, its menu, and reading. What one tab reads is read in all.
const MENU = "/notifications/menu";
const bells = () => document.querySelectorAll("[data-bell]");
const menu = () => document.querySelector("details[data-bell]");
let socket;

// Number and name of the bells; `words` is what is shown, such as "99+".
function count(unread, words) {
  for (const bell of bells()) {
    const named = bell.matches("details") ? bell.querySelector("summary") : bell;
    named.setAttribute("aria-label", unread ? `Notifications, ${words} new` : "Notifications");
    const badge = bell.querySelector(".count");
    badge.textContent = words;
    badge.hidden = !unread;
  }
}

async function load() {
  const response = await fetch(MENU, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const list = page.querySelector("[data-unread]");
  if (!list) return;
  count(Number(list.dataset.unread), list.dataset.words);
  const place = menu()?.querySelector("[data-bell-items]");
  const hadFocus = place?.contains(document.activeElement);
  place?.replaceChildren(list);
  if (hadFocus) menu().querySelector("summary").focus();
}

// The list of the page itself is brought up to date, unless it is being used.
async function reload() {
  const place = document.querySelector("[data-notifications]");
  if (!place || new URL(location).searchParams.has("cursor")) return;
  const response = await fetch(location, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("[data-notifications]");
  if (!fresh || place.contains(document.activeElement)) return;
  place.replaceChildren(...fresh.childNodes);
  document.title = page.title;
}

const quietly = (work) => work().catch(() => {});

document.addEventListener("live:connected", (event) => {
  socket = event.detail.socket;
  if (event.detail.again) for (const work of [load, reload]) quietly(work);
});
document.addEventListener("live:notification:new", () => {
  for (const work of [load, reload]) quietly(work);
  const status = document.getElementById("status");
  if (status) status.textContent = "You have a new notification.";
});
document.addEventListener("live:notifications:read", ({ detail: { ids } }) => {
  for (const entry of document.querySelectorAll("[data-notification].new")) {
    if (!ids.includes(entry.dataset.notification)) continue;
    entry.classList.remove("new");
    entry.querySelector(".unseen")?.remove();
  }
  quietly(load);
});
document.addEventListener("toggle", (event) => {
  if (event.target === menu() && event.target.open) quietly(load);
}, true);
// Opening an entry reads it. The event is sent before the page is left.
for (const kind of ["click", "auxclick"]) {
  document.addEventListener(kind, (event) => {
    const entry = event.target.closest?.("[data-notification].new");
    if (entry) socket?.emit("notifications:seen", { ids: [entry.dataset.notification] });
  });
}
