// The choice and the test of devices, before a call and in it.
import { openMeter, playTone } from "./sound.js";
import { deviceTrouble } from "./words.js";

const KINDS = ["audio", "video"];

// Shows the devices in all `select` elements of `root`, and what is wrong with them.
export function openChoice(root, devices) {
  const selects = [...root.querySelectorAll("select[data-device]")];
  const banners = [...root.querySelectorAll("[data-problem]")];
  const problems = new Map();

  function showProblems() {
    const text = [...problems.values()].join(" ");
    for (const banner of banners) {
      banner.hidden = !text;
      banner.querySelector("[data-words]").textContent = text;
    }
  }
  function problem(kind, error) {
    if (error) problems.set(kind, deviceTrouble(kind, error).replaceAll(/\s+/g, " "));
    else problems.delete(kind);
    showProblems();
  }
  async function fill() {
    const found = await devices.list();
    for (const select of selects) {
      const kind = select.dataset.device;
      const current = kind === "speaker" ? devices.speaker() : devices.current(kind);
      const options = found[kind].map(({ id, label }) => new Option(label, id, false, id === current));
      if (kind === "speaker" || !options.length) {
        const none = { audio: "No microphone", video: "No camera", speaker: "The one of the system" };
        options.unshift(new Option(none[kind], "", false, !current));
      }
      select.replaceChildren(...options);
      select.closest("[data-device-field]").hidden = kind === "speaker" && !devices.canChooseSpeaker;
    }
  }
  // Returns whether the device runs.
  async function start(kind) {
    try {
      await devices.start(kind);
      problem(kind, null);
      return true;
    } catch (error) {
      problem(kind, error);
      return false;
    } finally {
      await fill();
    }
  }
  for (const select of selects) {
    select.addEventListener("change", async () => {
      const kind = select.dataset.device;
      try {
        await devices.choose(kind, select.value);
        problem(kind, null);
      } catch (error) {
        problem(kind, error);
      }
      await fill();
    });
  }
  devices.onListChanged(fill);
  return { start, fill, problem };
}

// The page before the call. `onJoin` is called when the person wants to join.
export function openCheck(root, devices, choice, { onJoin }) {
  const check = root.querySelector("[data-check]");
  const preview = check.querySelector("[data-preview]");
  const meter = openMeter(check.querySelector("[data-level]"), check.querySelector("[data-level-words]"));
  const wants = (kind) => check.querySelector(`[data-wants="${kind}"]`);

  function show(kind) {
    const track = devices.tracks[kind];
    if (kind === "audio") meter.watch(track);
    else {
      preview.srcObject = track ? new MediaStream([track]) : null;
      check.querySelector("[data-preview-off]").hidden = Boolean(track);
    }
  }
  async function start() {
    for (const kind of KINDS) {
      if (wants(kind).checked && !(await choice.start(kind))) wants(kind).checked = false;
      show(kind);
    }
  }
  for (const kind of KINDS) {
    wants(kind).addEventListener("change", async () => {
      if (!wants(kind).checked) devices.stop(kind);
      else if (!(await choice.start(kind))) wants(kind).checked = false;
      if (!wants(kind).checked && !devices.tracks[kind]) show(kind);
    });
  }
  check.querySelector('[data-do="tone"]').addEventListener("click", () => playTone(devices.speaker()));
  check.querySelector('[data-do="retry"]').addEventListener("click", async () => {
    for (const kind of KINDS) if (await choice.start(kind)) wants(kind).checked = true;
  });
  check.querySelector("[data-join-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    onJoin();
  });
  return {
    show,
    start,
    close() {
      meter.watch(null);
      check.hidden = true;
    },
    open() {
      check.hidden = false;
      KINDS.forEach(show);
    },
  };
}
