// One client with the npm package socket.io-client, as a page or a program would use it. Prints a
// line of JSON for everything it sees. Arguments: the address of the site, and the handshake as
// JSON: { headers, auth }. After each connection it loads the bookings again.
import { io } from "socket.io-client";

const [address, handshake] = process.argv.slice(2);
const { headers = {}, auth } = JSON.parse(handshake);
const tell = (what, data) => console.log(JSON.stringify({ what, data }));

const socket = io(address, { transports: ["websocket"], extraHeaders: headers, auth });
socket.on("connect", async () => {
  const { id } = socket;
  tell("entered");
  const credentials = auth?.token ? { Authorization: `Bearer ${auth.token}` } : headers;
  try {
    const answer = await fetch(`${address}/api/v1/bookings`, { headers: credentials });
    const loaded = answer.ok ? (await answer.json()).items : [];
    if (socket.id === id) tell("connected", loaded.map((booking) => booking.id));
  } catch {
    if (socket.id === id) socket.io.engine.close(); // the process has ended meanwhile: once more
  }
});
socket.on("disconnect", (reason) => tell("disconnected", reason));
socket.on("connect_error", (error) => tell("refused", error.data ?? null));
socket.onAny((name, data) => tell(name, data));
process.stdin.on("end", () => process.exit()).resume();
