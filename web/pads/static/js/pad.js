// The shared pad of a booking. The editor is loaded when the pad is shown for the first time.
const WORDS = {
  saving: "Saving",
  saved: "Saved for both",
  lost: "No connection. What you write is kept in this browser and sent later.",
  full: "Not saved for both yet",
  stopped: "What you wrote last is not saved. Copy it before you leave.",
};
const COPIED_MS = 3000;
const AHEAD = Date.parse(document.querySelector('meta[name="now"]').content) - Date.now(); // of the site's clock
const LONGEST_TIMER_MS = 2 ** 31 - 1;

let socket = null;
document.addEventListener("live:connected", (event) => ({ socket } = event.detail));

async function open(root) {
  const [{ openEditor }, { openSync }, { openCursors }, Y] = await Promise.all([
    import("./editor.js"),
    import("./sync.js"),
    import("./cursors.js"),
    import("yjs"),
  ]);
  const { pad: booking, account, csrf, most, nonce } = root.dataset;
  const part = (name) => root.querySelector(`[data-pad-${name}]`);
  const [place, choice, state, problem, said] = ["editor", "language", "state", "problem", "said"].map(part);
  const doc = new Y.Doc();
  const text = doc.getText("pad");
  let closing = 0;

  const say = (words) => (said.textContent = words);
  const refuse = (words) => {
    problem.hidden = !words;
    problem.querySelector("[data-words]").textContent = words;
  };
  function show(name) {
    state.dataset.state = name;
    state.textContent = WORDS[name];
  }
  function close(words) {
    clearTimeout(closing);
    editor.setReadOnly(true);
    choice.disabled = true;
    if (words) refuse(words);
  }
  function setLanguage(name) {
    choice.value = name;
    editor.setLanguage(name, choice.selectedOptions[0]?.textContent || "").catch(() => {});
  }
  const cursors = openCursors(text, {
    show: (cursor) => sync.show(cursor),
    names: JSON.parse(root.dataset.names),
    onWhere: (words) => (part("where").textContent = words),
  });
  const editor = openEditor(place, text, {
    most: Number(most),
    nonce,
    label: root.dataset.label,
    hint: root.dataset.hint,
    cursors: cursors.extension,
    onFull: (over) =>
      refuse(`The pad is full: it holds ${Math.floor(most / 1000)} kB, and this is ${over} characters too much.`),
    onEscape: () => say("Press Tab to leave the text."),
  });
  const sync = openSync({
    booking,
    account,
    csrf,
    doc,
    on: {
      state(name) {
        if (name === "lost" || state.dataset.state === "lost") say(name === "lost" ? WORDS.lost : "Connected again.");
        if (name === "saved") refuse("");
        show(name);
      },
      refused(words, { stopped, unsaved }) {
        refuse(words);
        if (unsaved) show(stopped ? "stopped" : "full");
        if (stopped) close();
      },
      opened({ language, editable, closes_at: closes }) {
        if (choice.value !== language) setLanguage(language);
        if (!editable) return close("The meeting is over. The pad can be read, but no longer changed.");
        clearTimeout(closing);
        const left = Math.min(Date.parse(closes) - Date.now() - AHEAD, LONGEST_TIMER_MS);
        closing = setTimeout(() => close("The meeting is over. The pad can be read, but no longer changed."), left);
      },
      language: setLanguage,
      cursor: cursors.heard,
    },
  });

  choice.disabled = false;
  choice.addEventListener("change", () => {
    setLanguage(choice.value);
    sync.choose(choice.value).catch(() => refuse("The language could not be changed for both. Try again."));
  });
  const copy = part("copy");
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    const words = copy.querySelector("[data-words]");
    const before = words.textContent;
    words.textContent = await navigator.clipboard.writeText(text.toString()).then(() => "Copied", () => "Not allowed");
    setTimeout(() => (words.textContent = before), COPIED_MS);
  });
  setLanguage(choice.value);
  sync.connect(socket);
  place.hidden = false;
  part("text")?.remove();
  part("loading")?.remove();
}
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    open(target).catch(() => {
      const loading = target.querySelector("[data-pad-loading]");
      if (loading) loading.textContent = "The editor could not be loaded. Load the page again.";
    });
  }
});
for (const root of document.querySelectorAll("[data-pad]")) seen.observe(root);
