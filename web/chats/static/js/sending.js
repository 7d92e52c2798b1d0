// Sends the messages that wait, one after another in their order, from one tab at a time.
const WAIT_MS = 3000;
const WAITING = new Set(["too_many_messages", "unavailable"]);
const STOPPED = new Set(["sign_in_first", "csrf_failed", "session_over"]);

const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work());
const pause = () => new Promise((resolve) => setTimeout(resolve, WAIT_MS));

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
      const { client_id, body, reply_to } = item;
      let answer;
      try {
        answer = await prepare();
        if (answer.ok) answer = await connection.send({ client_id, body, reply_to });
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
  const next = () => queue.items().find((item) => !item.failed);
  return { run };
}
