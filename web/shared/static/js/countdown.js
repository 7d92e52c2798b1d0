// Countdowns, by the server's time. They are announced to screen readers at five minutes and at one
// minute only.
const serverTime = document.querySelector('meta[name="now"]');
const offset = serverTime ? Date.parse(serverTime.content) - Date.now() : 0;
const finished = new WeakSet();
const NB = "\u00a0";

function words(seconds) {
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 4320) return `${Math.floor(minutes / 1440)}${NB}days`;
  return `${Math.floor(minutes / 60)}${NB}h ${String(minutes % 60).padStart(2, "0")}${NB}min`;
}

function announce(text) {
  const status = document.getElementById("status");
  if (status) status.textContent = text;
}

function tick() {
  for (const clock of document.querySelectorAll("[data-countdown]")) {
    const left = Math.round((Date.parse(clock.dataset.countdown) - Date.now() - offset) / 1000);
    const figure = clock.querySelector("b");
    const text = words(Math.max(left, 0));
    if (figure.textContent !== text) figure.textContent = text;
    const meter = clock.parentElement.querySelector("progress");
    if (meter) meter.value = Math.max(left, 0);
    if (left === 300) announce("5 minutes left");
    if (left === 60) announce("1 minute left");
    if (left <= 0 && !finished.has(clock)) {
      finished.add(clock);
      const place = clock.closest("[data-live-booking]");
      if (place && left > -5) setTimeout(() => window.htmx?.trigger(place, "booking-updated"), 1500);
    }
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);
