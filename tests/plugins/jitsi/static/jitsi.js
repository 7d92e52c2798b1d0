// The provider's own page in a frame. It asks for camera and microphone itself, and shows both sides.

export function open({ admission, place, on }) {
  const frame = document.createElement("iframe");
  frame.src = `${admission.url}?jwt=${encodeURIComponent(admission.token)}`;
  frame.allow = "camera; microphone; display-capture; autoplay";
  frame.title = "Video call";
  place.replaceChildren(frame);

  return {
    meet: () => on.state("connected"),
    part() {},
    heard() {},
    async setTrack() {},
    setMedia() {},
    restart() {},
    stats: async () => null,
    close: () => frame.remove(),
  };
}
