// When a part of the page is replaced, the focus stays on the same control, or in that part if the control is gone.
let lost = null;

function sameControl({ id, name, value, href }) {
  if (id) return document.getElementById(id);
  const selector = name
    ? `[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`
    : href && `a[href="${CSS.escape(href)}"]`;
  return selector ? document.querySelector(selector) : null;
}

// The innermost part around the lost control that is on the page again.
function samePart({ parts }) {
  const part = parts.map((id) => document.getElementById(id)).find(Boolean);
  part?.setAttribute("tabindex", "-1");
  return part;
}

function restore() {
  const before = lost;
  lost = null;
  if (!before || document.activeElement !== document.body) return;
  const control = sameControl(before);
  control?.focus({ preventScroll: true });
  if (document.activeElement === document.body) samePart(before)?.focus({ preventScroll: true });
}

document.addEventListener("htmx:beforeSwap", () => {
  const now = document.activeElement;
  const parts = [];
  for (let part = now.parentElement; part; part = part.parentElement) if (part.id) parts.push(part.id);
  lost = now === document.body
    ? null
    : { id: now.id, name: now.getAttribute("name"), value: now.value ?? "", href: now.getAttribute("href"), parts };
});
// After the listeners that move the focus themselves.
document.addEventListener("htmx:afterSettle", () => queueMicrotask(restore));
