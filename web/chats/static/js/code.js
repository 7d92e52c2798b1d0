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
      const copied = await copy(code.textContent);
      button.textContent = copied ? "Copied" : "Not copied";
      document.getElementById("status").textContent = copied
        ? "The code was copied."
        : "The browser does not allow copying. Select the code instead.";
      setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
    });
    code.replaceWith(place);
    place.append(button, code);
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not permitted, or the page has lost the focus
  }
}
