// The pictures of a call: the other party large, this person small.
const byData = (root, name) => root.querySelector(`[data-${name}]`);

export function openStage(root, { name }) {
  const remote = byData(root, "remote");
  const self = byData(root, "self");
  const blank = byData(root, "remote-off");
  const over = byData(root, "over");
  let there = false;
  let line = "waiting";
  let media = { microphone: false, camera: false, screen: false };

  function draw() {
    const pictured = there && line !== "connecting" && (media.camera || media.screen);
    blank.hidden = pictured;
    byData(blank, "words").textContent = words();
    remote.classList.toggle("whole", media.screen);
    byData(root, "stage").classList.toggle("dimmed", line === "reconnecting");
    byData(root, "remote-muted").hidden = !there || media.microphone;
    byData(root, "remote-name").textContent = media.screen && there ? `${name}’s screen` : name;
  }
  function words() {
    if (!there) return `Waiting for ${name}`;
    if (line === "connecting") return `Connecting to ${name}`;
    return `${name}’s camera is off`;
  }
  async function play() {
    try {
      await remote.play();
      return true;
    } catch (error) {
      return error.name !== "NotAllowedError"; // the browser wants a click first
    }
  }

  return {
    remote,
    async show(stream) {
      if (remote.srcObject !== stream) remote.srcObject = stream;
      if (!(await play()) && stream.getAudioTracks().length) this.say(`Press the button to hear ${name}.`, ["listen"]);
    },
    listen: play,
    set(changes) {
      if ("there" in changes) ({ there } = changes);
      if ("line" in changes) ({ line } = changes);
      if ("media" in changes) ({ media } = changes);
      if (!there) remote.srcObject = null;
      draw();
    },
    showSelf({ camera, screen, microphone }, track) {
      self.srcObject = track ? new MediaStream([track]) : null;
      self.classList.toggle("mirrored", !screen);
      byData(root, "self-off").hidden = Boolean(camera || screen);
      byData(root, "self-muted").hidden = microphone;
    },
    setSpeaker: (id) => remote.setSinkId?.(id).catch(() => {}),
    // A sentence over the picture with buttons; "" takes it away.
    say(text, buttons = []) {
      over.hidden = !text;
      byData(over, "words").textContent = text;
      for (const button of over.querySelectorAll("[data-do]")) button.hidden = !buttons.includes(button.dataset.do);
      byData(over, "leave-link").hidden = !buttons.includes("back");
    },
  };
}
