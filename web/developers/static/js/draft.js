// Stores the input in this browser tab until it has been sent.
for (const place of document.querySelectorAll("[data-draft-sent]")) {
  try {
    sessionStorage.removeItem(`draft:${place.dataset.draftSent}`);
  } catch {
    // Storage is blocked: nothing was stored.
  }
}
for (const text of document.querySelectorAll("[data-draft]")) {
  const key = `draft:${text.dataset.draft}`;
  try {
    if (!text.value) text.value = sessionStorage.getItem(key) || "";
    text.addEventListener("input", () => sessionStorage.setItem(key, text.value));
  } catch {
    // Storage is blocked: the text is still in the field.
  }
}
