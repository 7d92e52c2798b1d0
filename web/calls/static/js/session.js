// The room of a booking by the sockets of the site: who is there, and the signals between two pages.
const HEARTBEAT_MS = 4000;
const GONE_MS = 12000;
const ANSWERED_WITHIN_MS = 5000;
const AGAIN_MS = 1000;
const CONNECTED_WITHIN_MS = 10000;
const NO_CONNECTION = "There is no connection to the site. Check your network, then join again.";

// `on.peer(connection, polite)` when the other party's page has come, `on.gone(connection)`,
// `on.signal(from, data)`, `on.resumed()` after a lost connection to the site, `on.replaced()` by another page of
// this person, `on.ended(words)`.
export function openSession({ booking, account, on }) {
  let socket = null;
  let latest = 0; // the time in the names of this person's connections
  let connection = name();
  let polite = false;
  let inside = false;
  let beating = 0;
  let forgetting = 0;
  let peer = null;
  let queue = Promise.resolve();
  let leaving = Promise.resolve(); // the site handles events at the same time: the next one waits
  let entering = Promise.resolve(); // what arrives before the answer of the server waits for it

  // Names of later connections are greater: of two pages of one person, the earlier one leaves.
  function name() {
    latest = Math.max(Date.now(), latest + 1);
    return `${latest.toString(36).padStart(9, "0")}-${crypto.randomUUID().slice(0, 8)}`;
  }
  const ask = (event, data = {}) =>
    socket.timeout(ANSWERED_WITHIN_MS).emitWithAck(event, { booking, connection, ...data });

  async function beat() {
    if (!inside || !socket?.connected) return;
    try {
      const answer = await ask("call:heartbeat");
      if (!answer.ok && answer.code === "call_closed") ended(answer.detail);
    } catch {
      setTimeout(() => inside && socket?.connected && socket.emit("call:heartbeat", { booking, connection }), AGAIN_MS);
    }
  }
  function stop() {
    inside = false;
    clearInterval(beating);
    clearTimeout(forgetting);
  }
  function ended(words) {
    if (!inside) return;
    stop();
    on.ended(words);
  }

  // The other party's page is there; if it is a new one, it learns of this one at once.
  function seen(other) {
    clearTimeout(forgetting);
    forgetting = setTimeout(() => forget(other), GONE_MS);
    if (peer === other) return;
    peer = other;
    beat();
    on.peer(other, polite);
  }
  function forget(other) {
    if (peer !== other) return;
    clearTimeout(forgetting);
    peer = null;
    on.gone(other);
  }

  function enter() {
    const entered = admitted();
    entering = entered.catch(() => {});
    return entered;
  }
  async function admitted() {
    await leaving;
    const answer = await ask("call:join");
    if (!answer.ok) throw Object.assign(new Error(answer.detail), { code: answer.code });
    ({ polite } = answer);
    inside = true;
    clearInterval(beating);
    beating = setInterval(beat, HEARTBEAT_MS);
    if (answer.other) seen(answer.other);
  }

  async function deliver(data, to) {
    for (let attempt = 0; attempt < 3 && inside; attempt += 1) {
      try {
        const answer = await ask("call:signal", { data, to });
        if (answer.ok) return;
        if (answer.code !== "too_many_signals") return;
      } catch {
        if (!socket?.connected) return; // both pages meet again when it is back
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  document.addEventListener("live:connected", async (event) => {
    ({ socket } = event.detail);
    if (!inside) return;
    try {
      await enter();
      on.resumed();
    } catch (error) {
      ended(error.message);
    }
  });
  async function heardOfPeer(detail) {
    await entering;
    if (!inside || detail.booking !== booking) return;
    if (detail.account === account) {
      if (!detail.present || detail.connection <= connection) return;
      latest = Math.max(latest, parseInt(detail.connection.split("-")[0], 36) || 0);
      leave();
      on.replaced();
    } else if (detail.present) seen(detail.connection);
    else forget(detail.connection);
  }
  async function heardSignal(detail) {
    await entering;
    if (!inside || detail.booking !== booking || (detail.to && detail.to !== connection)) return;
    seen(detail.connection);
    on.signal(detail.connection, detail.data);
  }
  document.addEventListener("live:call:peer", (event) => heardOfPeer(event.detail));
  document.addEventListener("live:call:signal", (event) => heardSignal(event.detail));
  document.addEventListener("live:call:ended", ({ detail }) => {
    if (detail.booking === booking) ended("The room has closed.");
  });
  addEventListener("pagehide", () => inside && leave());

  function leave() {
    if (inside && socket?.connected) leaving = ask("call:leave").catch(() => {});
    stop();
    peer = null;
  }
  const connected = () =>
    socket?.connected
      ? Promise.resolve()
      : new Promise((resolve, reject) => {
          document.addEventListener("live:connected", resolve, { once: true });
          setTimeout(() => reject(new Error(NO_CONNECTION)), CONNECTED_WITHIN_MS);
        });

  return {
    async join() {
      await connected();
      await enter();
    },
    // As a new page: both sides begin anew.
    async rejoin() {
      leave();
      connection = name();
      await connected();
      await enter();
    },
    leave,
    send: (data, to) => (queue = queue.then(() => deliver(data, to))),
    trouble: () => socket?.connected && socket.emit("call:trouble", { booking, connection }),
    isConnected: () => Boolean(socket?.connected),
  };
}
