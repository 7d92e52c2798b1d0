// A conversation on the page: attached to `[data-chat]`.
import { openAlerts } from "./alerts.js";
import { addCopyButtons } from "./code.js";
import { openAside } from "./aside.js";
import { openComposer } from "./composer.js";
import { openConnection } from "./connection.js";
import { openPresence } from "./presence.js";
import { openReading, showRead } from "./reading.js";
import { openSending } from "./sending.js";
import { openDraft, openQueue } from "./storage.js";
import { openThread } from "./thread.js";
import { openTyping } from "./typing.js";
import { openWaiting } from "./waiting.js";

const LONG_MS = 30000;

function attach(section) {
  const { chat, account, other, name } = section.dataset;
  const isOld = "old" in section.dataset; // the newest messages are not shown
  let { opens } = section.dataset;
  let hiddenAt = Date.now();
  let changes = Number(section.dataset.changes);
  const queue = openQueue(account, chat);
  const thread = openThread(section, { chat, last: Number(section.dataset.last) });
  const token = () => section.querySelector('[name="csrf_token"]')?.value ?? "";
  const connection = openConnection({ chat, token, onConnected: () => inTurn(resync), onPoll: () => inTurn(resync) });
  const waiting = openWaiting({ thread, queue, retry: () => sending.run(), discard: connection.discard });
  const typing = openTyping(section, { thread });
  const presence = openPresence(section, { account, other, tell: connection.tell });
  const refreshAside = openAside({ chat });
  const alert = openAlerts(section, { name });
  const reading = openReading({ thread, read: Number(section.dataset.read), mark: (seq) => connection.read(seq) });

  // The conversation is stored by the first message.
  async function prepare() {
    if (!opens) return { ok: true };
    const answer = await connection.create(opens);
    if (answer.ok) {
      opens = "";
      await connection.open();
    }
    return answer;
  }
  const sending = openSending({
    name: `${account}:${chat}`,
    queue,
    connection,
    prepare,
    onChange: waiting.show,
    onSent({ client_id: id }, { seq }) {
      waiting.sent(id);
      if (seq > thread.last) inTurn(thread.catchUp);
    },
  });

  // One after another, so that no line comes twice or in another order.
  let turn = Promise.resolve();
  function inTurn(work) {
    turn = turn.then(() => work()).catch(() => {});
    return turn;
  }

  // After each connect, and regularly without one: the room, what was missed, then what waits.
  async function resync() {
    if (!opens) {
      const opened = await connection.open();
      presence.here();
      if (opened.ok && !isOld) {
        if (opened.last_seq > thread.last) await thread.catchUp(true);
        if (opened.changes > changes) await loadChanges();
        showRead(thread.list, opened.read[other]);
        reading.markedBy(opened.read[account]);
      }
    }
    sending.run();
    reading.plan();
  }
  async function loadChanges() {
    for (let more = true; more; ) {
      const answer = await connection.sync(thread.last, changes);
      for (const message of answer.changed ?? []) await thread.replace(message.seq);
      more = answer.ok && answer.changed.length > 0 && answer.changes > changes;
      changes = Math.max(changes, answer.changes ?? 0);
    }
  }

  const on = (event, handle) =>
    document.addEventListener(`live:${event}`, ({ detail }) => {
      if (detail.chat === chat && section.isConnected) handle(detail);
    });
  on("chat:message", (message) => {
    if (message.seq <= thread.last || isOld) return;
    if (message.sender === other) {
      typing.stop();
      alert(message);
    }
    inTurn(thread.catchUp);
  });
  for (const event of ["chat:edited", "chat:deleted"]) {
    on(event, (message) => inTurn(async () => {
      await thread.replace(message.seq);
      changes = Math.max(changes, message.change);
    }));
  }
  on("chat:read", ({ account: by, seq }) => (by === account ? reading.markedBy(seq) : showRead(thread.list, seq)));
  on("chat:typing", ({ account: by }) => by === other && typing.start());
  on("presence", presence.heard);
  on("chat:updated", ({ last_seq: last, changes: changed, read }) => {
    reading.markedBy(read);
    if (opens || last > thread.last || changed > changes) {
      opens = "";
      inTurn(resync);
    }
  });
  // A conversation that is not stored yet has no lines to load, and no booking beside it.
  document.addEventListener("live:booking:updated", () => {
    if (opens) return;
    refreshAside().catch(() => {});
    if (!isOld) inTurn(() => thread.catchUp(true));
  });
  document.addEventListener("live:connected", ({ detail }) => detail.again && refreshAside().catch(() => {}));
  // Restored from the cache of the browser, or shown again after a long time.
  addEventListener("pageshow", (event) => event.persisted && returned());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > LONG_MS) returned();
  });
  function returned() {
    inTurn(resync);
    if (!opens) refreshAside().catch(() => {});
  }
  queue.onChange(() => {
    waiting.show();
    sending.run();
  });

  section.addEventListener("chat:lines", () => {
    addCopyButtons(thread.list);
    reading.observe();
  });
  openComposer(section, {
    thread,
    draft: openDraft(account, chat),
    key: `${account}:chat:${chat}`,
    token,
    onTyping: () => connection.tell("chat:typing"),
    onMessage(item) {
      queue.add(item);
      waiting.show();
      thread.toEnd();
      sending.run();
    },
  });
  waiting.show();
  addCopyButtons(thread.list);
  thread.showNew();
  reading.observe();
  if (queue.items().length) sending.run();
}

for (const section of document.querySelectorAll("[data-chat]")) attach(section);
