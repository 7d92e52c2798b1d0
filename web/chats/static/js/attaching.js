// Files for the next message: chosen, dropped on the conversation, or pasted. They are sent at once; the
// message can follow while they are still being checked.
import { acceptDrops, openList, pastedFiles } from "../../files/js/list.js";

const SENT = new Set(["checking", "ready"]);

export function openAttaching(section, { key, token }) {
  const place = section.querySelector("[data-upload]");
  const button = section.querySelector("[data-attach]");
  const input = section.querySelector("[data-attached]");
  const list = openList(place, { key, token, input, onChange: show });

  button.hidden = false;
  button.addEventListener("click", () => input.click());
  acceptDrops(section, list.add);
  const pasted = "inset" in section.dataset ? section : document;
  pasted.addEventListener("paste", (event) => {
    const files = pastedFiles(event);
    if (!files.length) return;
    event.preventDefault(); // other fields of the page do not take them, too
    list.add(files);
  });

  function show() {
    list.say(list.words());
  }

  return {
    count: () => list.uploads().length,
    // Whether a message can be written about all of them; if not, says what is missing.
    areSent() {
      const uploads = list.uploads();
      if (uploads.every(({ state }) => SENT.has(state))) return true;
      const refused = uploads.some(({ state }) => state === "refused");
      list.say(refused ? "Remove the files that cannot be taken, then send." : "Wait until all bytes are sent.");
      return false;
    },
    take() {
      const files = list.uploads().map(({ id, name }) => ({ id, name }));
      list.clear();
      return files;
    },
  };
}
