// A form for files (`files/_upload.html`): choose, drop or paste; each file is sent at once, and the form
// named by `data-form` gets the ids of those that are ready. Its buttons that need every file to be ready
// have `data-needs-files`.
import { openKept } from "./kept.js";
import { FileRow } from "./row.js";
import { openApi } from "./requests.js";
import { Upload } from "./upload.js";

const AT_ONCE = 2;
const ENDED = new Set(["not_found", "upload_unknown"]);

export function openField(field) {
  const { upload: purpose, mostFiles, mostBytes, account, form: target } = field.dataset;
  const form = () => document.getElementById(target); // another one after a live update of the page
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector("ul");
  const template = field.querySelector("template");
  const status = field.querySelector("[role=status]");
  const kept = openKept(`${account}:${purpose}:${target}`);
  const api = openApi(() => field.querySelector('[name="csrf_token"]')?.value ?? "");
  const rows = new Set();

  input.removeAttribute("name");
  input.required = false;
  field.querySelector("[type=submit]").hidden = true;
  field.querySelector("[data-scripted]").hidden = false;
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  acceptDrops();
  document.addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData?.files.length) add([...clipboardData.files]);
  });
  addEventListener("online", hurry);
  document.addEventListener("live:connected", hurry);
  document.addEventListener("live:file:updated", ({ detail }) => {
    for (const { upload } of rows) if (upload.id === detail.file) upload.hurry();
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || isReady() || !event.submitter?.matches("[data-needs-files]")) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // it is not sent, so it can be sent later
    say(event.submitter.title);
  }, { capture: true });
  document.addEventListener("change", ({ target }) => target.name === "files" && show());
  if (input.files.length) input.dispatchEvent(new Event("change")); // chosen before this script ran
  restore().then(show);

  function add(files) {
    for (const file of files) {
      const row = addRow(file, { file, name: file.name, size: file.size });
      if (rows.size > Number(mostFiles)) row.refuse(`No more than ${mostFiles} files.`);
      else if (file.size === 0) row.refuse("This file is empty.");
      else if (file.size > Number(mostBytes)) row.refuse("This file is too large.");
    }
    startNext();
    show();
  }

  function addRow(file, known) {
    const upload = new Upload({
      ...known,
      file,
      purpose,
      api,
      onId: () => kept.keep(upload),
      onChange: changed,
    });
    const row = new FileRow(upload, { template, onRemove: remove, onStart: startNext });
    rows.add(row);
    list.append(row.element);
    return row;
  }

  // What an earlier page has begun. What has been used or removed since is forgotten.
  async function restore() {
    for (const each of await kept.all()) {
      const plan = await api.show(each.id).catch((error) => ({ error }));
      const isListed = document.querySelector(`[type=checkbox][value="${CSS.escape(each.id)}"]`);
      if (plan.attached || isListed || ENDED.has(plan.error?.code)) await kept.remove(each.id);
      else addRow(each.file, each);
    }
    startNext();
  }

  function startNext() {
    const running = [...rows].filter(({ isRunning }) => isRunning).length;
    const waiting = [...rows].filter((row) => row.upload.state === "waiting" && !row.isRunning);
    for (const row of waiting.slice(0, AT_ONCE - running)) row.run().then(startNext);
  }

  function changed(upload) {
    for (const row of rows) if (row.upload === upload) row.show();
    show();
  }

  async function remove(row) {
    const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
    rows.delete(row);
    row.element.remove();
    (next?.querySelector("button") ?? input).focus();
    say(`${row.upload.name} was removed.`);
    show();
    await row.upload.discard();
    await kept.remove(row.upload.id);
    startNext();
  }

  function isReady() {
    return [...rows].every(({ upload }) => upload.state === "ready");
  }

  function show() {
    const finished = [...rows].filter(({ upload }) => upload.state === "ready");
    const ready = finished.length;
    const ids = form()?.querySelector("[data-sent-ids]");
    if (ids) ids.value = finished.map(({ upload }) => upload.id).join(",");
    const refused = [...rows].filter(({ upload }) => upload.state === "refused").length;
    const moving = rows.size - ready - refused;
    list.hidden = rows.size === 0;
    const listed = form()?.querySelectorAll("[type=checkbox][name=files]:checked").length ?? 0; // sent before
    const words = [`${ready + listed} of ${rows.size + listed} files ready`];
    if (moving) words.push(`${moving} on their way`);
    if (refused) words.push(`${refused} cannot be taken: remove them`);
    const text = rows.size + listed ? `${words.join(", ")}.` : "";
    for (const button of form()?.elements ?? []) { // also those outside, by their attribute `form`
      if (!button.matches("[data-needs-files]")) continue;
      button.setAttribute("aria-disabled", String(!isReady()));
      button.title = isReady() ? "" : `When every file is ready, or removed: ${text}`;
    }
    if (status.textContent !== text) status.textContent = text;
  }

  function say(text) {
    status.textContent = text;
  }

  function hurry() {
    for (const { upload } of rows) upload.hurry();
  }

  function acceptDrops() {
    const drop = field.querySelector(".drop");
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      add([...event.dataTransfer.files]);
    });
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
