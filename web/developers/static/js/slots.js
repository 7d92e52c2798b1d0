// Free times that change while a profile is open: the slot picker is fetched again.
const developer = document.querySelector("[data-developer]")?.dataset.developer;

if (developer) {
  document.addEventListener("live:connected", (event) => {
    event.detail.socket.emit("slots:watch", { developer }, () => {});
  });
  document.addEventListener("live:slots:changed", () => {
    const times = document.getElementById("times");
    if (times) window.htmx?.trigger(times, "slots-changed");
  });
}
