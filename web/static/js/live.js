// News from the server while a page is open. Without a connection the page works as before, silently.
const WORDS = {
  held: "A time was picked", paid: "A booking was paid", accepted: "A booking was accepted", declined: "A booking was declined",
  auto_cancelled: "A booking was not answered in time", cancelled: "A booking was cancelled", expired: "A booking was not paid in time",
  given_back: "A time was given back", delivered: "Work was delivered", changes_requested: "Changes were asked for",
  approved: "The work was approved", not_delivered: "Nothing was delivered in time", refunded: "A refund has arrived",
  paid_too_late: "A payment came too late and goes back", paid_twice: "A second payment goes back",
};

const busy = (place) => place.querySelector("dialog[open]") !== null ||
  [...place.querySelectorAll("textarea")].some((text) => text.value !== text.defaultValue || text === document.activeElement);

function show(text, address, action, tone) {
  const place = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = `toast ${tone}`;
  const words = document.createElement("div");
  const line = document.createElement("p");
  line.append(Object.assign(document.createElement("b"), { textContent: text }));
  words.append(line);
  const link = Object.assign(document.createElement("a"), { className: "button small", href: address, textContent: action });
  const close = Object.assign(document.createElement("button"), { className: "button quiet small", type: "button", textContent: "Close" });
  close.addEventListener("click", () => toast.remove());
  toast.append(words, link, close);
  place.replaceChildren(toast);
  return toast;
}

function toast(text, address, action) {
  const toast = show(text, address, action, "held");
  let timer = setTimeout(() => toast.remove(), 6000);
  const stay = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), 6000); };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
}

function updated({ booking, what }) {
  const words = WORDS[what] || "A booking has changed";
  const places = [...document.querySelectorAll("[data-live-booking]")]
    .filter((place) => ["*", booking].includes(place.dataset.liveBooking));
  document.dispatchEvent(new CustomEvent("booking:updated", { detail: { booking, what } }));
  if (!places.length && what !== "held") return toast(words, `/bookings/${encodeURIComponent(booking)}`, "Open");
  for (const place of places) {
    if (busy(place)) toast(words, location.pathname, "Show");
    else {
      document.getElementById("told").textContent = words;
      window.htmx?.trigger(place, "booking-updated");
    }
  }
}

// The server has closed the line: because nobody is logged in here any more, or to begin anew.
async function loggedOut() {
  try {
    const answer = await fetch("/account", { method: "HEAD", redirect: "manual" });
    return answer.type === "opaqueredirect";
  } catch {
    return false;
  }
}

function ended() {
  const back = encodeURIComponent(location.pathname + location.search);
  show("You were logged out here. What this page shows may be old.", `/login?next=${back}`, "Log in", "wait");
}

async function connect() {
  const { io } = await import("../vendor/socket.io.esm.min.js");
  const socket = io({ transports: ["websocket"], reconnectionDelayMax: 30000, withCredentials: true });
  const developer = document.querySelector("[data-developer]")?.dataset.developer;
  let met = false;
  socket.on("connect", () => {
    if (developer) socket.emit("slots:watch", { developer }, () => {});
    // What happened while the line was down is not told again: look afresh.
    if (met) for (const place of document.querySelectorAll("[data-live-booking]")) if (!busy(place)) window.htmx?.trigger(place, "booking-updated");
    met = true;
  });
  // A session that was renewed is told to end too: only the site knows whether anybody is logged in.
  socket.on("disconnect", async (reason) => {
    if (reason !== "io server disconnect") return;
    if (await loggedOut()) ended();
    else socket.connect();
  });
  socket.on("booking:updated", updated);
  socket.on("slots:changed", () => {
    const times = document.getElementById("times");
    if (times) window.htmx?.trigger(times, "slots-changed");
  });
}

connect().catch(() => {});
