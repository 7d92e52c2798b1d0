// Code in messages can be copied.
const COPIED_MS = 2000;

export function addCopyButtons(list) {
  if (!navigator.clipboard) return;
  for (const code of list.querySelectorAll(".bubble pre:not(.copyable pre)")) {
    const place = document.createElement("div");
    place.className = "copyable";
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button small", textContent: "Copy" });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      document.getElementById("status").textContent = "The code was copied.";
      setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
    });
    code.replaceWith(place);
    place.append(button, code);
  }
}
