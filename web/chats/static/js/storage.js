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
    if (value) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false; // full, or switched off: the message is then kept by this page alone
  }
};
const keysFrom = (prefix) => {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return []; // nothing can have been kept
  }
};

// The messages that wait, in their order: { client_id, body, reply_to, files, failed, at }. `files` are
// { id, name } of sent files, `failed` is the reason of a refusal, `at` the time in milliseconds, later
// than that of all before. Each has a key of its own: two tabs that changed one list at the same time would
// lose a message.
export function openQueue(account, chat) {
  const prefix = `${PREFIX}queue:${account}:${chat}:`;
  const own = new Map(); // what could not be stored
  const items = () => {
    const stored = keysFrom(prefix).map((key) => read(key, null));
    const byId = new Map(stored.filter((item) => item).map((item) => [item.client_id, item]));
    for (const [id, item] of own) byId.set(id, item);
    return [...byId.values()].sort((one, other) => one.at - other.at || (one.client_id < other.client_id ? -1 : 1));
  };
  const remove = (id) => {
    own.delete(id);
    write(prefix + id, "");
  };
  const save = (item) => {
    if (write(prefix + item.client_id, item)) own.delete(item.client_id);
    else own.set(item.client_id, item);
  };
  return {
    items,
    remove,
    add: (item) => save({ ...item, at: Math.max(Date.now(), ...items().map(({ at }) => at + 1)) }),
    change(id, changes) {
      const item = items().find((each) => each.client_id === id);
      if (item) save({ ...item, ...changes });
    },
    // Another tab has sent or added something.
    onChange: (listener) => addEventListener("storage", (event) => event.key?.startsWith(prefix) && listener()),
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
  for (const key of keysFrom(PREFIX)) localStorage.removeItem(key);
}
