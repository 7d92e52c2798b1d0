// The list of developers: after "Show more" the focus goes to the first new one.
let seen = 0;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.matches?.("li.more")) seen = document.querySelectorAll("#list > .dev").length;
});
document.addEventListener("htmx:afterSettle", () => {
  if (!seen) return;
  const first = document.querySelectorAll("#list > .dev")[seen];
  first?.querySelector("h2 a").focus();
  const status = document.getElementById("status");
  if (status) status.textContent = `${document.querySelectorAll("#list > .dev").length - seen} more developers`;
  seen = 0;
});
