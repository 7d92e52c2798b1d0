// Calls through OpenVidu or another server of the LiveKit protocol. `open` makes the part of a call that the page of
// calls uses: see docs/adapters.md.
import "../vendor/livekit-client.umd.js";

const { ConnectionState, DisconnectReason, Room, RoomEvent, Track, setLogLevel } = globalThis.LivekitClient;
setLogLevel("silent"); // it reports connections that were closed on purpose as errors
const CONNECT_WITHIN_MS = 20000;
const MISSED_AFTER_MS = 3000;
const TOPIC = "media";
const BY_THE_SITE = [DisconnectReason.PARTICIPANT_REMOVED, DisconnectReason.ROOM_DELETED];
const { Camera, Microphone, ScreenShare } = Track.Source;
// The camera is sent in several sizes, of which the server forwards the one that the other side's line takes. The
// screen is sent in one: on a weak line it gets slower, and text stays sharp.
const SENT = {
  [Microphone]: {},
  [Camera]: { simulcast: true, videoEncoding: { maxBitrate: 1_200_000, maxFramerate: 30 } },
  [ScreenShare]: {
    simulcast: false,
    screenShareEncoding: { maxBitrate: 2_000_000, maxFramerate: 15 },
    degradationPreference: "maintain-resolution",
  },
};
const KINDS = ["audio", "video"];

// The server forwards pictures and sound: `channel` is not needed.
export function open({ admission, renew, on }) {
  // `dynacast`: sizes that nobody gets are not sent.
  const room = new Room({ stopLocalTrackOnUnpublish: false, dynacast: true });
  const stream = new MediaStream();
  const local = { audio: null, video: null };
  const published = {};
  let media = { microphone: false, camera: false, screen: false };
  let unused = admission;
  let met = null; // the other party's page, by the site's presence
  let connecting = null;
  let publishing = Promise.resolve();
  let missing = 0;
  let closed = false;

  const isConnected = () => room.state === ConnectionState.Connected;

  function connect() {
    connecting ||= enter().finally(() => (connecting = null));
    return connecting;
  }
  async function enter() {
    try {
      const { url, token } = unused || (await renew());
      unused = null;
      if (closed) return;
      await within(CONNECT_WITHIN_MS, room.connect(url, token));
      if (closed) {
        await room.disconnect();
        return;
      }
      for (const kind of KINDS) await sendTrack(kind);
      settle();
    } catch (error) {
      console.warn("the video server did not let this page in", error.message);
      await room.disconnect();
      fail();
    }
  }

  // Both are in the room: the other party's page may have come to the site a moment before.
  function settle() {
    if (!isConnected() || !room.remoteParticipants.size) return;
    clearTimeout(missing);
    tell();
    if (met) on.state("connected");
  }
  function tell() {
    if (!isConnected()) return;
    const data = new TextEncoder().encode(JSON.stringify(media));
    room.localParticipant.publishData(data, { reliable: true, topic: TOPIC }).catch(() => {});
  }

  const fail = () => closed || on.state("failed");

  // One after the other: what is sent at the end is what was set last. Who leaves meanwhile has no use for it.
  function sendTrack(kind) {
    publishing = publishing
      .then(() => isConnected() && publish(kind))
      .catch((error) => !closed && isConnected() && console.warn("a track was not sent", error.message));
    return publishing;
  }
  async function publish(kind) {
    const track = local[kind];
    const before = published[kind];
    if (before === track) return;
    const source = track && sourceOf(kind, track);
    if (before && track && sourceOf(kind, before) === source) {
      const publication = room.localParticipant.getTrackPublication(source);
      await publication.track.replaceTrack(track, true);
    } else {
      if (track) await room.localParticipant.publishTrack(track, { source, ...SENT[source] });
      if (before) await room.localParticipant.unpublishTrack(before, false);
    }
    published[kind] = track;
  }

  room
    .on(RoomEvent.ParticipantConnected, settle)
    .on(RoomEvent.ParticipantDisconnected, () => {
      missing = setTimeout(() => met && !closed && on.state("reconnecting"), MISSED_AFTER_MS);
    })
    .on(RoomEvent.TrackSubscribed, ({ mediaStreamTrack: track }) => {
      for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
      stream.addTrack(track);
      on.remote(stream);
    })
    .on(RoomEvent.TrackUnsubscribed, ({ mediaStreamTrack: track }) => stream.removeTrack(track))
    .on(RoomEvent.DataReceived, (data, from, kind, topic) => {
      if (from && topic === TOPIC) on.media(JSON.parse(new TextDecoder().decode(data)));
    })
    .on(RoomEvent.Reconnecting, () => on.state("reconnecting"))
    .on(RoomEvent.Reconnected, settle)
    .on(RoomEvent.Disconnected, (reason) => {
      for (const kind of Object.keys(published)) published[kind] = null;
      if (closed || reason === DisconnectReason.CLIENT_INITIATED) return;
      if (reason === DisconnectReason.DUPLICATE_IDENTITY) on.replaced();
      else if (BY_THE_SITE.includes(reason)) missing = setTimeout(fail, MISSED_AFTER_MS); // the page hears why
      else fail();
    });
  connect();

  return {
    meet(peer) {
      met = peer;
      if (isConnected()) settle();
      else connect();
    },
    part(peer) {
      if (met === peer) met = null;
    },
    heard() {},
    async setTrack(kind, track) {
      local[kind] = track;
      await sendTrack(kind);
    },
    setMedia(now) {
      media = now;
      tell();
    },
    restart: () => (isConnected() ? null : connect()),
    async stats() {
      const [participant] = room.remoteParticipants.values();
      if (!participant || !isConnected()) return null;
      const publications = [participant, room.localParticipant].flatMap((each) => [...each.trackPublications.values()]);
      const tracks = publications.map(({ track }) => track).filter(Boolean);
      return Promise.all(tracks.map((track) => track.getRTCStatsReport()));
    },
    close() {
      closed = true;
      clearTimeout(missing);
      room.disconnect();
    },
  };
}

// A track of a screen has the hint that details count.
function sourceOf(kind, track) {
  if (kind === "audio") return Microphone;
  return track.contentHint === "detail" ? ScreenShare : Camera;
}
function within(milliseconds, promise) {
  let timer = 0;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error("It took too long.")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
