// One RTCPeerConnection to one page of the other party, by the pattern of perfect negotiation (WebRTC, 10.7): both
// sides may offer at any time; of two offers at once, that of the polite side gives way. There is one audio and one
// video transceiver for the whole call, made by the side that is not polite, so that other devices, and the screen,
// only replace tracks.
import { ceiling, openAdaption } from "./adaption.js";

const KINDS = ["audio", "video"];
const RESTART_AFTER_MS = 4000;
const GIVEN_UP_AFTER_MS = 20000;
const COLLECT_MS = 20;

export function openLink({ peer, polite, iceServers, local, send, refresh, on }) {
  const pc = new RTCPeerConnection({ iceServers });
  const senders = {};
  const stream = new MediaStream();
  const early = []; // candidates before the description they belong to
  let own = []; // candidates that wait to be sent together
  let making = false;
  let ignored = false;
  let answering = false;
  let closed = false;
  let work = Promise.resolve();
  let restarting = 0;
  let giving = 0;
  let step = 0;
  let isScreen = false;
  const next = openAdaption();

  pc.onnegotiationneeded = async () => {
    making = true;
    try {
      await pc.setLocalDescription();
      if (!closed) await tell();
    } catch (error) {
      if (!closed) lost(error);
    } finally {
      making = false;
    }
  };
  pc.onicecandidate = ({ candidate }) => {
    if (!own.length) setTimeout(flush, COLLECT_MS);
    own.push(candidate ? candidate.toJSON() : { candidate: "" });
  };
  pc.ontrack = ({ track }) => {
    for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
    stream.addTrack(track);
    on.remote(stream);
  };
  pc.oniceconnectionstatechange = changed;

  // Also with candidates: they follow the description in the same queue.
  const tell = () => send({ description: { type: pc.localDescription.type, sdp: pc.localDescription.sdp } });
  function flush() {
    const candidates = own.splice(0, 20);
    if (closed || !candidates.length) return;
    send({ candidates });
    if (own.length) setTimeout(flush, COLLECT_MS);
  }

  function changed() {
    const state = pc.iceConnectionState;
    if (closed) return;
    if (state === "connected" || state === "completed") {
      clearTimeout(restarting);
      clearTimeout(giving);
      restarting = giving = 0;
      on.state("connected");
    } else if (state === "disconnected" || state === "failed") {
      on.state("reconnecting");
      giving ||= setTimeout(() => on.state("failed"), GIVEN_UP_AFTER_MS);
      clearTimeout(restarting);
      restarting = setTimeout(restart, state === "failed" ? 0 : RESTART_AFTER_MS);
    }
  }
  function lost(error) {
    console.warn("the connection is made again", error.name);
    on.state("failed");
  }

  async function restart() {
    if (closed || !pc.remoteDescription) return;
    try {
      const fresh = await refresh();
      if (closed) return;
      pc.setConfiguration({ iceServers: fresh });
    } catch {
      // Without new credentials, with the old ones.
    }
    if (!closed) pc.restartIce();
  }

  // Whatever the other party sends is handled one after the other.
  function heard(data) {
    work = work.then(() => (closed ? null : handle(data))).catch((error) => !closed && lost(error));
  }
  async function handle({ description, candidates, media }) {
    if (media) on.media(media);
    if (description) await described(description);
    for (const candidate of candidates || []) await reached(candidate);
  }
  async function described(description) {
    const ready = !making && (pc.signalingState === "stable" || answering);
    const collides = description.type === "offer" && !ready;
    ignored = !polite && collides;
    if (ignored) return;
    if (description.type === "answer" && pc.signalingState !== "have-local-offer") return; // of a withdrawn offer
    answering = description.type === "answer";
    try {
      await pc.setRemoteDescription(description);
    } finally {
      answering = false;
    }
    if (closed) return;
    while (early.length && !closed) await reached(early.shift());
    if (description.type !== "offer" || closed) return;
    await adopt();
    if (closed || pc.signalingState !== "have-remote-offer") return;
    await pc.setLocalDescription();
    if (!closed) await tell();
  }
  async function reached(candidate) {
    if (!pc.remoteDescription) {
      early.push(candidate);
      return;
    }
    try {
      await pc.addIceCandidate(candidate);
    } catch (error) {
      if (!ignored && !closed) console.warn("a candidate was not added", error.name);
    }
  }

  // The side that did not make the transceivers sends by way of those of the offer.
  async function adopt() {
    for (const transceiver of pc.getTransceivers()) {
      const { kind } = transceiver.receiver.track;
      if (senders[kind]) continue;
      senders[kind] = transceiver.sender;
      transceiver.direction = "sendrecv";
      await transceiver.sender.replaceTrack(local[kind]);
      if (closed) return;
    }
    await limit();
  }
  async function sendTrack(kind) {
    try {
      await senders[kind]?.replaceTrack(local[kind]);
    } catch (error) {
      if (!closed) lost(error);
    }
  }
  async function limit() {
    const sender = senders.video;
    const parameters = sender?.getParameters();
    if (!parameters?.encodings?.length) return;
    const { bits, frames, scale } = ceiling(step, isScreen);
    const [encoding] = parameters.encodings;
    Object.assign(encoding, { maxBitrate: bits, maxFramerate: frames, scaleResolutionDownBy: scale });
    parameters.degradationPreference = isScreen ? "maintain-resolution" : "balanced";
    await sender.setParameters(parameters).catch(() => {});
  }

  if (!polite) {
    for (const kind of KINDS) {
      const { sender } = pc.addTransceiver(kind, { direction: "sendrecv" });
      senders[kind] = sender;
      sender.replaceTrack(local[kind]);
    }
  }
  giving = setTimeout(() => on.state("failed"), GIVEN_UP_AFTER_MS);

  return {
    peer,
    send,
    heard,
    sendTrack,
    share(screen) {
      isScreen = screen;
      return limit();
    },
    // Returns whether less than all is sent.
    async adapt(reading) {
      const before = step;
      step = next(reading);
      if (step !== before) await limit();
      return step > 0;
    },
    restart,
    check: () => ["connected", "completed"].includes(pc.iceConnectionState) || restart(),
    stats: () => pc.getStats(),
    close() {
      closed = true;
      clearTimeout(restarting);
      clearTimeout(giving);
      pc.close();
    },
  };
}
