// Writes messages: Enter sends, drafts and files are kept, and a message can be answered.
import { openAttaching } from "./attaching.js";

const TYPING_MS = 3000;

export function openComposer(section, { thread, draft, key, token, onMessage, onTyping }) {
  const form = section.querySelector("[data-composer]");
  if (!form || "editing" in form.dataset) return null;
  const text = form.querySelector("textarea");
  const reply = form.elements.namedItem("reply_to");
  const answering = section.querySelector("[data-answering]");
  const byKey = matchMedia("(pointer: fine)").matches;
  const attaching = openAttaching(section, { key, token });
  let told = 0;

  section.querySelector("[data-keys]").hidden = !byKey;
  text.required = false; // a message may be only files
  if (!text.value) text.value = draft.text();

  text.addEventListener("input", () => {
    draft.save(text.value);
    if (text.value && Date.now() - told > TYPING_MS) {
      told = Date.now();
      onTyping();
    }
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && reply.value) answer(null);
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !byKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!text.value.trim() && !attaching.count()) return text.focus();
    if (!attaching.areSent()) return;
    const message = { client_id: newId(), body: text.value, reply_to: Number(reply.value) || null };
    onMessage({ ...message, files: attaching.take() });
    text.value = "";
    text.removeAttribute("aria-invalid");
    draft.save("");
    answer(null);
    text.focus();
  });

  function answer(line) {
    reply.value = line?.dataset.seq ?? "";
    answering.hidden = !line;
    if (!line) return;
    const words = document.createElement("p");
    const name = line.querySelector(":scope > .unseen").textContent.replace(":", "");
    const who = document.createElement("b");
    who.textContent = `You answer ${name === "You" ? "yourself" : name}: `;
    const said = line.querySelector(".bubble:not(.attached)")?.innerText ?? line.dataset.files;
    words.append(who, said.slice(0, 140));
    answering.querySelector("p").replaceWith(words);
    text.focus();
  }
  thread.list.addEventListener("click", (event) => {
    const link = event.target.closest("[data-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    answer(link.closest("[data-seq]"));
  });
  section.querySelector("[data-cancel]").addEventListener("click", (event) => {
    event.preventDefault();
    answer(null);
    text.focus();
  });
  return { form };
}

// `randomUUID` exists in secure contexts only.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
