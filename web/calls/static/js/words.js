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

// The line in words; `loss` is from 0 to 1, `roundTrip` in seconds.
export function quality({ loss, roundTrip }) {
  if (loss > 0.08 || roundTrip > 0.6) return { words: "Poor connection", tone: "stop" };
  if (loss > 0.03 || roundTrip > 0.3) return { words: "Weak connection", tone: "wait" };
  return { words: "Good connection", tone: "go" };
}

// The time in the zone of the person, as the site writes it.
export const clock = (at, timeZone) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
