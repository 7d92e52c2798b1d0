// Copies or prints the recovery codes. Without scripts they can be downloaded.
const codes = [...document.querySelectorAll("[data-codes] code")].map((code) => code.textContent);
const copy = document.querySelector("[data-copy]");
const print = document.querySelector("[data-print]");

copy.hidden = !navigator.clipboard;
copy.addEventListener("click", async () => {
  const status = document.getElementById("status");
  try {
    await navigator.clipboard.writeText(codes.join("\n"));
    status.textContent = "The codes are copied.";
    copy.textContent = "Copied";
  } catch {
    status.textContent = "The codes could not be copied.";
  }
});
print.hidden = false;
print.addEventListener("click", () => window.print());
