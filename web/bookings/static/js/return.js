// Return from the payment page: after a change of state, focuses the heading for screen readers.
let before = document.getElementById("return")?.dataset.state;

document.addEventListener("htmx:afterSettle", () => {
  const place = document.getElementById("return");
  if (!place || place.dataset.state === before) return;
  before = place.dataset.state;
  const heading = place.querySelector("h1");
  document.title = `${heading.textContent} | 1HourDeveloper`;
  heading.focus();
});
