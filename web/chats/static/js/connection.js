// Requests about one conversation: over the socket while it is connected, otherwise over HTTP.
const ANSWERED_WITHIN_MS = 8000;
const CONNECTED_WITHIN_MS = 3000;
const UPLOADS = "/api/v1/uploads";
const POLL_MS = 4000;
const POLL_HIDDEN_MS = 30000;

// `token` is that of the forms. `onConnected` runs after each connect, `onPoll` regularly without one.
export function openConnection({ chat, token, onConnected, onPoll }) {
  const api = `/api/v1/chats/${encodeURIComponent(chat)}`;
  let socket = null;
  let polling = 0;

  function poll(delay) {
    clearTimeout(polling);
    polling = setTimeout(async () => {
      if (isLive()) return;
      await onPoll().catch(() => {});
      poll(document.hidden ? POLL_HIDDEN_MS : POLL_MS);
    }, delay);
  }
  const isLive = () => Boolean(socket?.connected);

  document.addEventListener("live:connected", (event) => {
    ({ socket } = event.detail);
    clearTimeout(polling);
    onConnected();
  });
  document.addEventListener("live:lost", () => poll(CONNECTED_WITHIN_MS));
  poll(CONNECTED_WITHIN_MS);

  // Throws without an answer, which says nothing about whether the request has arrived.
  async function ask(event, data) {
    return socket.timeout(ANSWERED_WITHIN_MS).emitWithAck(event, { chat, ...data });
  }
  async function http(method, path, body) {
    const headers = { Accept: "application/json", "X-CSRF-Token": token() };
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (response.status >= 500) throw new Error(answer.detail);
    return { ...answer, ok: response.ok };
  }
  return {
    isLive,
    tell: (event, data) => isLive() && socket.emit(event, { chat, ...data }),
    open: () => (isLive() ? ask("chat:open", {}) : http("GET", api).then(asOpened)),
    create: (other) => http("POST", "/api/v1/chats", { with: other }),
    send: (message) => (isLive() ? ask("chat:send", message) : http("POST", `${api}/messages`, message)),
    read: (seq) => (isLive() ? ask("chat:read", { seq }) : http("POST", `${api}/read`, { seq })),
    uploaded: (id) => http("GET", `${UPLOADS}/${encodeURIComponent(id)}`),
    discard: (id) => http("DELETE", `${UPLOADS}/${encodeURIComponent(id)}`),
    sync: (after, changes) =>
      isLive()
        ? ask("chat:sync", { after, changes })
        : http("GET", `${api}/messages?limit=1&after=${after}&changes=${changes}`),
  };
}

// The answer of the API in the form of that of `chat:open`.
function asOpened(answer) {
  if (!answer.ok) return answer;
  const { client, developer, last_seq, changes } = answer;
  return { ok: true, last_seq, changes, read: { [client.id]: client.read, [developer.id]: developer.read } };
}
