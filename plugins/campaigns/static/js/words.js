// Puts a word in braces where the cursor is in the text.
for (const list of document.querySelectorAll("[data-words]")) {
  const text = document.getElementById(list.dataset.words);
  for (const button of list.querySelectorAll("[data-word]")) {
    button.hidden = false;
    button.nextElementSibling.hidden = true;
    button.addEventListener("click", () => {
      text.setRangeText(`{{ ${button.dataset.word} }}`, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    });
  }
}
