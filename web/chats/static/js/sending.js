// Sends the messages that wait, one after another in their order, from one tab at a time.
const WAIT_MS = 3000;
const WAITING = new Set(["too_many_messages", "unavailable", "files_not_ready"]);
const UNCHECKED = new Set(["quarantined", "checked"]);
const STOPPED = new Set(["sign_in_first", "csrf_failed", "session_over"]);

const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work());
// For a while, or until a file has been checked.
const pause = () =>
  new Promise((resolve) => {
    const timer = setTimeout(end, WAIT_MS);
    document.addEventListener("live:file:updated", end);
    function end() {
      clearTimeout(timer);
      document.removeEventListener("live:file:updated", end);
      resolve();
    }
  });

// `prepare` opens the conversation at the server if that is new; `onSent` gets the message and the answer.
export function openSending({ name, queue, connection, prepare, onSent, onChange }) {
  let isRunning = false;
  let isWanted = false;

  async function run() {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (isWanted) {
        isWanted = false;
        await alone(`chat-sending:${name}`, sendAll);
      }
    } finally {
      isRunning = false;
    }
  }

  // Until nothing waits, or there is no connection: then it goes on after the next connect.
  async function sendAll() {
    for (let item = next(); item; item = next()) {
      const { client_id, body, reply_to, files = [] } = item;
      let answer;
      try {
        answer = await prepare();
        if (answer.ok) {
          const ids = files.map(({ id }) => id);
          for (const id of ids) await checked(id);
          answer = await connection.send({ client_id, body, reply_to, files: ids });
        }
      } catch {
        return;
      }
      if (answer.ok) {
        queue.remove(client_id);
        onSent(item, answer);
      } else if (WAITING.has(answer.code)) {
        await pause();
      } else if (STOPPED.has(answer.code)) {
        return;
      } else {
        queue.change(client_id, { failed: answer.detail || "It was refused." });
        onChange();
      }
    }
  }
  // What is wrong with a file is the answer to the message.
  async function checked(id) {
    while (UNCHECKED.has((await connection.uploaded(id)).state)) await pause();
  }
  const next = () => queue.items().find((item) => !item.failed);
  return { run };
}
