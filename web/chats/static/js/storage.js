// What the browser keeps for one account and conversation: messages that wait to be sent, and the draft.
// Both are shared by all tabs, and removed at the log-out.
const PREFIX = "chat:";

const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const write = (key, value) => {
  try {
    if (value.length) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false; // full, or switched off: the message is then kept by this page alone
  }
};

// The messages that wait: { client_id, body, reply_to, files, failed }. `files` are { id, name } of sent
// files, `failed` is the reason of a refusal.
export function openQueue(account, chat) {
  const key = `${PREFIX}queue:${account}:${chat}`;
  let own = null; // without storage
  const items = () => own ?? read(key, []);
  const save = (next) => {
    own = write(key, next) ? null : next;
  };
  return {
    items,
    add: (item) => save([...items(), item]),
    remove: (id) => save(items().filter((item) => item.client_id !== id)),
    change: (id, changes) => save(items().map((item) => (item.client_id === id ? { ...item, ...changes } : item))),
    // Another tab has sent or added something.
    onChange: (listener) => addEventListener("storage", (event) => event.key === key && listener()),
  };
}

export function openDraft(account, chat) {
  const key = `${PREFIX}draft:${account}:${chat}`;
  return { text: () => read(key, ""), save: (text) => write(key, text) };
}

export function setting(name) {
  const key = `chats-${name}`;
  return { isOn: () => read(key, "") === "on", set: (on) => write(key, on ? "on" : "") };
}

export function forget() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Nothing can have been kept.
  }
}
