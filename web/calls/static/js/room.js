// The room of a call: connects the session, the provider's connection, the pictures and the controls.
import { openControls } from "./controls.js";
import { openSession } from "./session.js";
import { openStage } from "./stage.js";
import { openReader } from "./stats.js";
import { siteNow } from "./time.js";
import { clock, quality } from "./words.js";

const KINDS = ["audio", "video"];
const MEASURE_MS = 3000;
const POLITE_WAITS_MS = 10000;
const TROUBLE_AFTER_MS = 60000;

export function openCall(root, devices, choice, { onLeft }) {
  const { call: booking, account, name, csrf, module, zone } = root.dataset;
  const stage = openStage(root, { name });
  const sent = { microphone: false, camera: false, screen: false };
  let shared = null; // the track of the screen
  let connection = null;
  let peer = null;
  let polite = false;
  let measuring = 0;
  let read = openReader();
  let told = ""; // what was last said about the line
  let rebuilding = 0;
  let had = []; // the kinds of devices that ran when the page was put out
  let since = 0; // when the line broke, or 0

  const controls = openControls(root, {
    microphone: () => setMicrophone(!sent.microphone),
    camera: () => setCamera(!sent.camera),
    screen: () => (sent.screen ? stopSharing() : share()),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
    pip: () => smallWindow().catch(() => controls.say("There is no picture yet.")),
    leave: () => leave("You have left the call. You can join again while the room is open."),
    again,
    listen: async () => (await stage.listen()) && stage.say(""),
  }, { canShare: devices.canShare });

  const session = openSession({
    booking,
    account,
    on: {
      peer(other, gives) {
        peer = other;
        polite = gives;
        stage.set({ there: true, line: "connecting" });
        presence(true);
        connection?.meet(other, gives);
      },
      gone(other) {
        peer = null;
        connection?.part(other);
        stage.set({ there: false });
        presence(false);
        line("");
      },
      signal: (from, data) => connection?.heard(from, data),
      resumed: () => since && rebuild(),
      replaced: () => out("You have joined in another window or on another device.", ["again", "back"]),
      ended: (words) => out(words, ["back"]),
    },
  });

  async function admission() {
    const response = await fetch(`/api/v1/bookings/${encodeURIComponent(booking)}/call`, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": csrf },
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail || answer.title);
    return answer;
  }

  async function enter(again = false) {
    root.querySelector("[data-room]").hidden = false;
    controls.show();
    stage.set({ there: false });
    try {
      const [{ open }, admitted] = await Promise.all([import(module), admission()]);
      connection = open({
        admission: admitted,
        renew: admission,
        channel: { send: session.send },
        place: root.querySelector("[data-place]"),
        on: {
          remote: (stream) => stage.show(stream),
          media: (media) => (stage.set({ media }), controls.announceScreen(media.screen)),
          state: (state) => changed(state),
          replaced: () => out("You have joined in another window or on another device.", ["again", "back"]),
        },
      });
      KINDS.forEach(deviceChanged);
      if (devices.speaker()) stage.setSpeaker(devices.speaker());
      await (again ? session.rejoin() : session.join());
      measuring = setInterval(measure, MEASURE_MS);
    } catch (error) {
      out(error.message || "The call could not be opened.", ["again", "back"]);
    }
  }

  // Sends what the devices give: after each change.
  async function deviceChanged(kind) {
    const track = devices.tracks[kind];
    if (kind === "audio") {
      if (track) track.enabled = true;
      sent.microphone = Boolean(track);
      await connection?.setTrack("audio", track);
    } else {
      sent.camera = Boolean(track);
      if (!sent.screen) await connection?.setTrack("video", track);
    }
    tell();
  }
  function tell() {
    stage.showSelf(sent, sent.screen ? shared : devices.tracks.video);
    controls.set(sent);
    connection?.setMedia({ ...sent });
  }
  const smallWindow = async () =>
    document.pictureInPictureElement ? document.exitPictureInPicture() : stage.remote.requestPictureInPicture();
  async function setMicrophone(on) {
    const track = devices.tracks.audio;
    if (on && !track) {
      if (!(await choice.start("audio"))) controls.openSettings();
      return;
    }
    if (track) track.enabled = on;
    sent.microphone = on;
    tell();
  }
  async function setCamera(on) {
    if (!on) devices.stop("video");
    else if (!(await choice.start("video"))) controls.openSettings();
  }
  async function share() {
    try {
      shared = await devices.screen();
    } catch (error) {
      if (error.name !== "NotAllowedError") controls.say("The screen cannot be shared here.");
      return;
    }
    const track = shared;
    track.addEventListener("ended", () => shared === track && stopSharing());
    sent.screen = true;
    await connection?.setTrack("video", track);
    tell();
  }
  async function stopSharing() {
    shared?.stop();
    shared = null;
    sent.screen = false;
    await connection?.setTrack("video", devices.tracks.video);
    tell();
  }

  function changed(state) {
    if (state === "connected") {
      clearTimeout(rebuilding);
      since = rebuilding = 0;
      stage.set({ line: "connected" });
      stage.say("");
      return;
    }
    since ||= Date.now();
    stage.set({ line: state === "failed" ? "reconnecting" : state });
    if (state === "reconnecting") controls.say(`The connection to ${name} is interrupted. It is being restored.`);
    if (state !== "failed") return;
    if (Date.now() - since > TROUBLE_AFTER_MS) {
      session.trouble();
      stage.say(`Your browsers cannot reach each other. Try another network, or write in the chat. This does not count
        as not coming.`, ["again"]);
      since = Date.now();
    }
    clearTimeout(rebuilding);
    rebuilding = setTimeout(rebuild, polite ? POLITE_WAITS_MS : 0);
  }
  // Both sides begin anew with another connection of this page.
  async function rebuild() {
    if (!connection) return;
    if (peer) connection.part(peer);
    peer = null;
    try {
      await session.rejoin();
    } catch (error) {
      if (error.code === "call_closed") out(error.message, ["back"]);
      else rebuilding = setTimeout(rebuild, POLITE_WAITS_MS);
    }
  }

  async function measure() {
    const reports = peer && connection ? await connection.stats() : null;
    if (reports && !since) {
      const reading = read(reports);
      line(quality({ ...reading, isLess: await connection?.adapt?.(reading), isScreen: sent.screen }));
    }
    else if (since && peer) line({ words: "Reconnecting", tone: "wait" });
  }
  function line(words) {
    const badge = root.querySelector("[data-quality]");
    badge.hidden = !words;
    badge.className = `badge num ${words.tone || ""}`;
    badge.querySelector("[data-words]").textContent = words.words || "";
    badge.title = words.more || "";
    if (words.more && words.more !== told) controls.say(words.more);
    told = words.more || "";
  }
  function presence(there) {
    const badge = root.querySelector("[data-presence]");
    const words = badge.querySelector("[data-words]");
    if (there && badge.classList.contains("go")) return;
    badge.classList.toggle("go", there);
    const at = clock(new Date(siteNow()), zone);
    words.textContent = there ? `Both present since ${at}` : `${name} left at ${at}`;
    controls.say(there ? `${name} has joined.` : `${name} has left.`);
  }

  function close() {
    clearInterval(measuring);
    clearTimeout(rebuilding);
    since = 0;
    shared?.stop();
    shared = null;
    sent.screen = false;
    connection?.close();
    connection = peer = null;
    session.leave();
    line("");
    root.querySelector("[data-presence]").classList.remove("go");
    stage.set({ there: false });
    if (document.pictureInPictureElement) document.exitPictureInPicture();
  }
  // The page stays in the room with a sentence over the picture, and without devices.
  function out(words, buttons) {
    close();
    had = KINDS.filter((kind) => devices.tracks[kind]);
    KINDS.forEach(devices.stop);
    controls.hide();
    stage.say(words, buttons);
  }
  async function again() {
    stage.say("");
    for (const kind of had) await choice.start(kind);
    await enter(true);
  }
  function leave(words) {
    close();
    root.querySelector("[data-room]").hidden = true;
    controls.hide();
    onLeft(words);
  }
  devices.onSpeaker((id) => stage.setSpeaker(id));

  return { enter, deviceChanged };
}
