// What somebody writes about their problem is kept in this tab until it has been sent.
for (const place of document.querySelectorAll("[data-draft-sent]")) {
  try {
    sessionStorage.removeItem(`draft:${place.dataset.draftSent}`);
  } catch {
    // Nothing was kept.
  }
}
for (const text of document.querySelectorAll("[data-draft]")) {
  const key = `draft:${text.dataset.draft}`;
  try {
    if (!text.value) text.value = sessionStorage.getItem(key) || "";
    text.addEventListener("input", () => sessionStorage.setItem(key, text.value));
  } catch {
    // A browser that keeps nothing: the text still stands in the field.
  }
}
