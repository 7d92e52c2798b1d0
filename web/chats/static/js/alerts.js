// Notifications of the browser and a sound for new messages, both off until they are switched on here.
import { setting } from "./storage.js";

const TEXT = 120;
const notify = setting("notify");
const sound = setting("sound");

export function openAlerts(section, { name }) {
  const place = section.querySelector("[data-settings]");
  if (place) {
    place.hidden = false;
    const ask = async () => (await Notification.requestPermission()) === "granted";
    bind(place.querySelector("[data-notify]"), notify, "Notification" in window, ask);
    bind(place.querySelector("[data-sound]"), sound, "AudioContext" in window, async () => {
      play();
      return true;
    });
  }
  return ({ chat, body, files }) => {
    if (sound.isOn()) play();
    if (!document.hidden || !notify.isOn() || window.Notification?.permission !== "granted") return;
    const shown = new Notification(`${name} wrote to you`, { body: said(body, files).slice(0, TEXT), tag: chat });
    shown.addEventListener("click", () => {
      window.focus();
      shown.close();
    });
  };
}

const said = (body, files) => body || (files.length === 1 ? "1 file" : `${files.length} files`);

// A button that switches a setting; `allow` asks first whether it can be on.
function bind(button, setting, isPossible, allow) {
  button.hidden = !isPossible;
  const show = () => button.setAttribute("aria-pressed", String(setting.isOn()));
  button.addEventListener("click", async () => {
    setting.set(!setting.isOn() && (await allow()));
    show();
  });
  show();
}

function play() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
  tone.addEventListener("ended", () => audio.close());
}
