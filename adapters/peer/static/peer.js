// Calls from browser to browser. `open` makes the part of a call that the page of calls uses: see docs/adapters.md.
import { openLink } from "./link.js";

const servers = ({ ice_servers: given }) =>
  given.map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }));

// `channel.send(data, to)` sends signals in their order to a connection of the other party.
export function open({ admission, renew, channel, on }) {
  const local = { audio: null, video: null };
  let media = { microphone: false, camera: false, screen: false };
  let iceServers = servers(admission);
  let link = null;

  function meet(peer, polite) {
    if (link?.peer === peer) return;
    link?.close();
    on.state("connecting");
    const send = (data) => channel.send(data, peer);
    link = openLink({ peer, polite, iceServers, local, send, refresh, on });
    link.send({ media });
    link.share(media.screen);
  }
  // Credentials end with the call, or earlier: before a restart there are new ones.
  async function refresh() {
    iceServers = servers(await renew());
    return iceServers;
  }
  addEventListener("online", () => link?.check());
  navigator.connection?.addEventListener?.("change", () => link?.check());
  document.addEventListener("visibilitychange", () => document.hidden || link?.check());

  return {
    meet,
    part(peer) {
      if (link?.peer !== peer) return;
      link.close();
      link = null;
    },
    heard(from, data) {
      if (link?.peer === from) link.heard(data);
    },
    async setTrack(kind, track) {
      local[kind] = track;
      await link?.sendTrack(kind);
    },
    setMedia(now) {
      media = now;
      link?.send({ media });
      link?.share(media.screen);
    },
    restart: () => link?.restart(),
    stats: async () => (link ? [await link.stats()] : null),
    adapt: async (reading) => (link ? link.adapt(reading) : false),
    close() {
      link?.close();
      link = null;
    },
  };
}
