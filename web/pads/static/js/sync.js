// Keeps the document of a page and the pad of the site equal.
//
// Local changes are sent about ten times a second, the next ones after the acknowledgement of the last. Changes of
// others arrive by events with consecutive numbers. At the start, after a lost connection, when a number is missing
// and for what is too large for an event, both sides exchange what they lack over the API.
import { applyUpdate, encodeStateAsUpdate, encodeStateVector, mergeUpdates } from "yjs";
import { toBytes, toText } from "./bytes.js";
import { openKept } from "./kept.js";

const SEND_MS = 100;
const ANSWERED_WITHIN_MS = 8000;
const AGAIN_MS = 3000;
const GAP_MS = 500;
const CHECK_MS = 20000;
const POLL_MS = 4000;
const EVENT_BYTES = 30000;
const KEEPALIVE_BYTES = 40000;
const REMOTE = "remote";
const STOPS = new Set(["pad_closed", "pad_worn_out", "malformed_change", "not_found", "invalid"]);
const WAITS = new Set(["pad_full"]); // for the next change of the person

class Refused extends Error {
  constructor({ code, detail, title }) {
    super(detail || title);
    this.code = code;
  }
}

// `on.state(name)` is "saving", "saved" or "lost"; `on.refused(sentence, { stopped, unsaved })`; again and again
// `on.opened({ language, closes_at, editable })`; `on.language(name)`; `on.cursor(event)`.
export function openSync({ booking, account, csrf, doc, on }) {
  const kept = openKept(account, booking);
  const ahead = new Map(); // changes that arrived before the one in front of them, by number
  let socket = null;
  let seq = -1; // all changes up to this one are in the document
  let pending = []; // local changes that are not stored at the site yet
  let sending = null; // those of them that are on the way
  let timer = 0;
  let filling = 0;
  let stopped = false;
  let ready = false;

  const unsaved = () => {
    const all = [...(sending || []), ...pending];
    return all.length ? mergeUpdates(all) : null;
  };
  const keep = () => kept.save(unsaved());
  const ask = async (event, data = {}) => {
    const answer = await socket.timeout(ANSWERED_WITHIN_MS).emitWithAck(event, { booking, ...data });
    if (!answer.ok) throw new Refused(answer);
    return answer;
  };
  const request = (change, options = {}) =>
    fetch(`/api/v1/bookings/${encodeURIComponent(booking)}/pad/sync`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ vector: toText(encodeStateVector(doc)), change: change ? toText(change) : "" }),
      ...options,
    });

  async function exchange(change = null) {
    const response = await request(change);
    const answer = await response.json();
    if (!response.ok) throw new Refused(answer);
    applyUpdate(doc, toBytes(answer.change), REMOTE);
    seq = Math.max(seq, answer.seq);
    on.opened(answer);
    follow();
  }

  // Applies what has arrived, in order.
  function follow() {
    for (const number of [...ahead.keys()]) if (number <= seq) ahead.delete(number);
    while (ahead.has(seq + 1)) {
      const change = ahead.get(seq + 1);
      ahead.delete(seq + 1);
      if (change === null) return fill();
      applyUpdate(doc, toBytes(change), REMOTE);
      seq += 1;
    }
    if (ahead.size) fill();
  }
  function fill() {
    clearTimeout(filling);
    filling = setTimeout(() => exchange().catch(() => {}), GAP_MS);
  }

  function soon(after = SEND_MS) {
    timer ||= setTimeout(() => {
      timer = 0;
      send();
    }, after);
  }
  async function send() {
    if (sending || stopped || !ready || !pending.length) return;
    [sending, pending] = [pending, []];
    const change = mergeUpdates(sending);
    try {
      if (!socket?.connected || change.length > EVENT_BYTES) await exchange(change);
      else await ask("pad:change", { change: toText(change) });
      sending = null;
      if (!pending.length) {
        kept.stored();
        on.state("saved");
      } else soon();
    } catch (error) {
      pending = [change, ...pending];
      sending = null;
      failed(error);
    }
    keep();
  }
  function failed(error) {
    if (error.code === "missing_changes") pending = [encodeStateAsUpdate(doc)];
    if (STOPS.has(error.code) || WAITS.has(error.code)) {
      stopped ||= STOPS.has(error.code);
      on.refused(error.message, { stopped, unsaved: pending.length > 0 });
    } else {
      if (!(error instanceof Refused) || error.code === "unavailable") on.state("lost");
      soon(AGAIN_MS);
    }
  }

  async function open() {
    if (socket?.connected) await ask("pad:open");
    await exchange();
    ready = true;
    if (pending.length) await send();
    else on.state("saved");
  }

  doc.on("update", (update, origin) => {
    if (origin === REMOTE) return;
    pending.push(update);
    if (stopped) return;
    on.state(socket?.connected ? "saving" : "lost");
    keep();
    if (!sending) soon();
  });
  for (const change of kept.take()) applyUpdate(doc, change, "kept");

  const opening = () => open().catch((error) => failed(error));
  document.addEventListener("live:connected", (event) => {
    ({ socket } = event.detail);
    opening();
  });
  document.addEventListener("live:lost", () => on.state("lost"));
  document.addEventListener("live:pad:changed", ({ detail }) => {
    if (detail.booking !== booking || detail.seq <= seq) return;
    ahead.set(detail.seq, detail.change);
    if (ready) follow();
  });
  document.addEventListener("live:pad:language", ({ detail }) => {
    if (detail.booking === booking) on.language(detail.language);
  });
  document.addEventListener("live:pad:cursor", ({ detail }) => {
    if (detail.booking === booking) on.cursor(detail);
  });
  setInterval(async () => {
    if (!socket?.connected) return;
    const answer = await ask("pad:open").catch(() => null);
    if (answer && answer.seq > seq) fill();
  }, CHECK_MS);
  // Without a socket, or until it has the pad, the page asks again and again, while somebody looks at it.
  const asks = () => !(socket?.connected && ready) && !stopped && !document.hidden && navigator.onLine;
  setInterval(() => asks() && opening(), POLL_MS);
  addEventListener("pagehide", () => {
    const change = unsaved();
    if (!change || stopped) return;
    keep();
    if (change.length < KEEPALIVE_BYTES) request(change, { keepalive: true }).catch(() => {});
  });

  return {
    connect(connected) {
      socket = connected;
      if (socket?.connected) opening();
    },
    choose: (language) => ask("pad:language", { language }),
    show: (cursor) => socket?.connected && socket.emit("pad:cursor", { booking, ...cursor }),
  };
}
