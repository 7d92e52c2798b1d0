// What is said about devices and lines.
const DEVICES = { audio: "microphone", video: "camera" };

// `kind` is "audio" or "video"; `error` what the browser said.
export function deviceTrouble(kind, error) {
  const device = DEVICES[kind];
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return `This site may not use your ${device}. Allow it in the address bar or in the settings of your browser and
        system, then try again.`;
    case "NotFoundError":
      return kind === "audio"
        ? "No microphone was found. You can join, hear and see, and write in the chat."
        : "No camera was found. You can join with sound only.";
    case "NotReadableError":
    case "AbortError":
      return `Your ${device} is in use by another program, or does not work. Close the other program, then try again.`;
    case "OverconstrainedError":
      return `The ${device} you chose is no longer there. Choose another one.`;
    case "InsecureError":
      return `Browsers give camera and microphone to secure pages only. Open this site by its https:// address.`;
    default:
      return `Your ${device} could not be started (${error.name}). Try again, or join without it.`;
  }
}

const LESS = {
  camera: "Your picture is sent smaller, so that the sound stays clear.",
  screen: "Your screen is sent with fewer pictures a second, so that text stays sharp.",
};
const SOUND_ONLY = "It helps to switch the camera off.";

// The line in words, by its worse direction; `loss` is from 0 to 1, `roundTrip` in seconds. `isLess`: less than usual
// is sent from here because of the line. `more` is a sentence about what follows, if there is one.
export function quality({ loss, sendingLoss, roundTrip, isLess, isScreen }) {
  const lost = Math.max(loss, sendingLoss);
  const more = isLess ? LESS[isScreen ? "screen" : "camera"] : "";
  if (lost > 0.08 || roundTrip > 0.6) {
    return { words: "Poor connection", tone: "stop", more: more || SOUND_ONLY };
  }
  if (lost > 0.03 || roundTrip > 0.3 || isLess) return { words: "Weak connection", tone: "wait", more };
  return { words: "Good connection", tone: "go" };
}

// The time in the zone of the person, as the site writes it.
export const clock = (at, timeZone) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
