// A field for files (`files/_upload.html`), a form of its own or a part of another one: choose, drop or paste.
// Each file is sent at once, and the form named by `data-form` gets the ids of those that are ready. Its buttons
// that need every file to be ready have `data-needs-files`.
import { acceptDrops, openList, pastedFiles } from "./list.js";

export function openField(field) {
  const { upload: purpose, account, form: target } = field.dataset;
  const { key = `${account}:${purpose}:${target}` } = field.dataset;
  const form = () => document.getElementById(target); // another one after a live update of the page
  const input = field.querySelector("input[type=file]");
  const list = openList(field, {
    key,
    token: () => (field.querySelector('[name="csrf_token"]') ?? form().elements.csrf_token)?.value ?? "",
    input,
    isElsewhere: (id) => document.querySelector(`:not(.no-script *)[type=checkbox][value="${CSS.escape(id)}"]`),
    onChange: show,
  });

  input.removeAttribute("name");
  input.required = false;
  for (const submit of field.querySelectorAll("[type=submit]")) submit.hidden = true;
  for (const part of field.querySelectorAll("[data-scripted], [data-attach]")) part.hidden = false;
  field.querySelector("[data-attach]")?.addEventListener("click", () => input.click());
  acceptDrops(field.querySelector(".drop") ?? form(), list.add);
  document.addEventListener("paste", (event) => {
    const files = pastedFiles(event);
    if (files.length) list.add(files);
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || isReady() || !event.submitter?.matches("[data-needs-files]")) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // it is not sent, so it can be sent later
    list.say(event.submitter.title);
  }, { capture: true });
  document.addEventListener("change", ({ target }) => target.name === "files" && show());

  function isReady() {
    return list.uploads().every(({ state }) => state === "ready");
  }

  function show() {
    const ready = list.uploads().filter(({ state }) => state === "ready");
    const ids = form()?.querySelector("[data-sent-ids]");
    if (ids) ids.value = ready.map(({ id }) => id).join(",");
    const listed = form()?.querySelectorAll("[type=checkbox][name=files]:checked").length ?? 0; // sent before
    const text = list.words(listed);
    for (const button of form()?.elements ?? []) { // also those outside, by their attribute `form`
      if (!button.matches("[data-needs-files]")) continue;
      button.setAttribute("aria-disabled", String(!isReady()));
      button.title = isReady() ? "" : `When every file is ready, or removed: ${text}`;
    }
    list.say(text);
  }
}

// A live update of the page keeps the field (`hx-preserve`), or brings the first one.
function openAll() {
  for (const field of document.querySelectorAll("[data-upload][data-form]:not([data-open])")) {
    field.dataset.open = "";
    openField(field);
  }
}
openAll();
document.addEventListener("htmx:afterSettle", openAll);
