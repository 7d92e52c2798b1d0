// Copies the text that a button names.
const SHOWN_MS = 3000;

for (const button of document.querySelectorAll("[data-copies]")) {
  const words = button.querySelector("[data-words]");
  const before = words.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const lines = [...document.querySelectorAll(`${button.dataset.copies} [data-n]`)].map((line) => line.textContent);
    words.textContent = await navigator.clipboard.writeText(lines.join("\n")).then(() => "Copied", () => "Not allowed");
    setTimeout(() => (words.textContent = before), SHOWN_MS);
  });
}
