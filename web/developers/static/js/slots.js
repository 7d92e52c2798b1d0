// Free times that change while a profile is open: the slot picker is fetched again, also after a time
// without a connection.
const developer = document.querySelector("[data-developer]")?.dataset.developer;

function fetchAgain() {
  const times = document.getElementById("times");
  if (times) window.htmx?.trigger(times, "slots-changed");
}

if (developer) {
  document.addEventListener("live:connected", ({ detail }) => {
    detail.socket.emit("slots:watch", { developer }, () => detail.again && fetchAgain());
  });
  document.addEventListener("live:slots:changed", fetchAgain);
}
