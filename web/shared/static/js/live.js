// The connection to the server while a page is open. Other modules listen on `document`:
// `live:connected` with { socket, again }, `live:lost` when there is no connection, and `live:NAME` for each
// event NAME of the server.
// Without a connection, the page works without live updates.
import { show } from "./toasts.js";

const emit = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

// Scripts with more imports than this one run later: they would not hear the first `live:connected`.
const scriptsHaveRun = new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));

async function connect() {
  const { io } = await import("../../vendor/socket.io.esm.min.js");
  await scriptsHaveRun;
  const socket = io({ transports: ["websocket"], reconnectionDelayMax: 30000, withCredentials: true });
  let again = false;
  socket.on("connect", () => {
    emit("connected", { socket, again });
    again = true;
  });
  socket.onAny(emit);
  // The server closes the connection after a log-out, and also when a session is renewed:
  // the site must be asked whether the session is still active.
  socket.on("disconnect", async (reason) => {
    emit("lost");
    if (reason !== "io server disconnect") return;
    if (await loggedOut()) ended();
    else socket.connect();
  });
  // The cookie belongs to a session that has ended. Public pages stay live without it.
  socket.on("connect_error", (error) => {
    emit("lost");
    if (error.data?.code !== "session_over") return;
    if ("signedIn" in document.body.dataset) ended();
    socket.auth = { anonymous: true };
    socket.connect();
  });
}

async function loggedOut() {
  try {
    const response = await fetch("/account", { method: "HEAD", redirect: "manual" });
    return response.type === "opaqueredirect";
  } catch {
    return false;
  }
}

function ended() {
  const back = encodeURIComponent(location.pathname + location.search);
  // What was typed stays in this tab: the form is then sent from here, or shown again to be sent.
  const typed = document.querySelector('main form[method="post"] :is(textarea, input:not([type="hidden"]))');
  const text = `You have been logged out. ${typed ? "What you typed is still here." : "This page may be out of date."}`;
  const action = typed ? "Log in, in a new tab" : "Log in";
  show(text, { address: `/login?next=${back}`, action, tone: "wait", tab: typed ? "_blank" : "" });
}

// At the log-out the browser forgets what pages have kept there for the account.
addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname !== "/logout") return;
  indexedDB?.deleteDatabase("kept");
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("kept:")) localStorage.removeItem(key);
  } catch {
    // Nothing can have been kept.
  }
});
connect().catch(() => {});
