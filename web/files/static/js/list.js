// A list of files, each of which is sent as soon as it is added: kept by the browser through a reload,
// two at a time. `place` has the elements of `upload_rows` (`files/_upload.html`), `key` names what the files
// are for, `isElsewhere` says that a kept file is shown by the page already.
import { openKept } from "./kept.js";
import { FileRow } from "./row.js";
import { openApi } from "./requests.js";
import { Upload } from "./upload.js";

const AT_ONCE = 2;
const ENDED = new Set(["not_found", "upload_unknown"]);

export function openList(place, { key, token, input, isElsewhere = () => false, onChange }) {
  const { upload: purpose, mostFiles, mostBytes } = place.dataset;
  const list = place.querySelector("ul");
  const template = place.querySelector("template");
  const status = place.querySelector("[role=status]");
  const kept = openKept(key);
  const api = openApi(token);
  const rows = new Set();

  addEventListener("online", hurry);
  document.addEventListener("live:connected", hurry);
  document.addEventListener("live:file:updated", ({ detail }) => {
    for (const { upload } of rows) if (upload.id === detail.file) upload.hurry();
  });
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  queueMicrotask(() => input.files.length && input.dispatchEvent(new Event("change"))); // chosen before
  restore().then(changed);

  function add(files) {
    for (const file of files) {
      const row = addRow(file, { file, name: file.name, size: file.size });
      if (rows.size > Number(mostFiles)) row.refuse(`No more than ${mostFiles} files.`);
      else if (file.size === 0) row.refuse("This file is empty.");
      else if (file.size > Number(mostBytes)) row.refuse("This file is too large.");
    }
    startNext();
    changed();
  }

  function addRow(file, known) {
    const upload = new Upload({
      ...known,
      file,
      purpose,
      api,
      onId: () => kept.keep(upload),
      onChange: () => {
        for (const row of rows) if (row.upload === upload) row.show();
        changed();
      },
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
      if (plan.attached || isElsewhere(each.id) || ENDED.has(plan.error?.code)) await kept.remove(each.id);
      else addRow(each.file, each);
    }
    startNext();
  }

  function startNext() {
    const running = [...rows].filter(({ isRunning }) => isRunning).length;
    const waiting = [...rows].filter((row) => row.upload.state === "waiting" && !row.isRunning);
    for (const row of waiting.slice(0, AT_ONCE - running)) row.run().then(startNext);
  }

  async function remove(row) {
    const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
    rows.delete(row);
    row.element.remove();
    changed();
    (next?.querySelector("button") ?? input).focus();
    say(`${row.upload.name} was removed.`);
    await row.upload.discard();
    await kept.remove(row.upload.id);
    startNext();
  }

  // The files belong to something else now, which knows their ids.
  function clear() {
    for (const { upload, element } of rows) {
      upload.stop();
      element.remove();
      kept.remove(upload.id);
    }
    rows.clear();
    changed();
  }

  const uploads = () => [...rows].map(({ upload }) => upload);

  function changed() {
    list.hidden = rows.size === 0;
    onChange();
  }

  // `listed` files are ready that are not in the list.
  function words(listed = 0) {
    const all = uploads();
    const ready = all.filter(({ state }) => state === "ready").length;
    const refused = all.filter(({ state }) => state === "refused").length;
    const moving = all.length - ready - refused;
    const parts = [`${ready + listed} of ${all.length + listed} files ready`];
    if (moving) parts.push(`${moving} on their way`);
    if (refused) parts.push(`${refused} cannot be taken: remove them`);
    return all.length + listed ? `${parts.join(", ")}.` : "";
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function hurry() {
    for (const upload of uploads()) upload.hurry();
  }

  return { add, clear, uploads, words, say };
}

// The files of a `paste` event that nobody has taken. A text that is copied from a document often comes with
// a picture of itself: then only the text is wanted.
export function pastedFiles({ clipboardData, defaultPrevented }) {
  if (defaultPrevented || clipboardData?.types.includes("text/plain")) return [];
  return [...(clipboardData?.files ?? [])];
}

// Files that are dropped on `area` go to `add`.
export function acceptDrops(area, add) {
  const hasFiles = ({ dataTransfer }) => dataTransfer.types.includes("Files");
  for (const kind of ["dragenter", "dragover"]) {
    area.addEventListener(kind, (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      area.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
}
