// Marks the list of notes as out of date when another page has changed one.
document.addEventListener("live:notes:changed", () => {
  document.querySelector("[data-notes]")?.setAttribute("data-notes", "changed");
});
