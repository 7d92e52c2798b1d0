// Forms: focuses the error message, prevents double submission, and can show the password.
document.querySelector("[data-focus]")?.focus();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
// After Back, when the browser shows the page from its cache, the form can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector('[aria-busy="true"]')?.removeAttribute("aria-busy");
  }
});

for (const place of document.querySelectorAll("[data-password]")) {
  const input = place.querySelector("input");
  const button = place.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}

function openTarget() {
  const target = location.hash && document.querySelector(`details${CSS.escape(location.hash).replace("\\#", "#")}`);
  if (target) target.open = true;
}
openTarget();
addEventListener("hashchange", openTarget);
