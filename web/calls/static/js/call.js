// The page of a call: first the test of devices, then the room.
import { openCall } from "./room.js";
import { openCheck, openChoice } from "./check.js";
import { openDevices } from "./devices.js";
import { siteNow } from "./time.js";

const DAY_MS = 86_400_000;
const root = document.querySelector("[data-call]");
const mark = `in-call:${root.dataset.call}`; // this tab is in the room, also after a reload
const opens = Date.parse(root.dataset.opens);

for (const video of root.querySelectorAll("video")) video.autoplay = true;
const listeners = [];
const devices = openDevices({ changed: (kind) => listeners.forEach((each) => each(kind)) });
const choice = openChoice(root, devices);
const check = openCheck(root, devices, choice, { onJoin: () => join() });
const call = "open" in root.dataset ? openCall(root, devices, choice, { onLeft: left }) : null;
let inside = false;
listeners.push((kind) => (inside ? call.deviceChanged(kind) : check.show(kind)));

async function join() {
  if (!call || inside) return;
  const button = root.querySelector("[data-join]");
  button.disabled = true;
  inside = true;
  check.close();
  const { audio, video } = devices.tracks;
  sessionStorage.setItem(mark, JSON.stringify({ audio: Boolean(audio), video: Boolean(video) }));
  await call.enter();
  button.disabled = false;
}

// Back to the test of devices, from which the person can join again.
function left(words) {
  inside = false;
  sessionStorage.removeItem(mark);
  check.open();
  choice.fill();
  const said = root.querySelector("[data-said]");
  said.textContent = words;
}

async function start() {
  const before = JSON.parse(sessionStorage.getItem(mark) || "null");
  if (!call || !before) {
    await check.start();
    return;
  }
  for (const kind of ["audio", "video"]) {
    root.querySelector(`[data-wants="${kind}"]`).checked = before[kind];
  }
  await check.start();
  await join();
}

start();
// Longer times would overflow, and nobody waits for so long.
const wait = Math.max(opens - siteNow(), 0) + 1000;
if (!call && wait < DAY_MS) setTimeout(() => location.reload(), wait);
