// The line of one file in a list: its name, what happens with it, and buttons. Made from the template
// of the field.
import { bytes, left } from "./words.js";

const BUTTONS = {
  hashing: ["pause"],
  sending: ["pause"],
  paused: ["resume"],
  lost: ["retry"],
};
const LABELS = { pause: "Pause", resume: "Go on with", retry: "Try again to send" };
const METERED = new Set(["sending", "paused", "lost"]);

export class FileRow {
  constructor(upload, { template, onRemove, onStart }) {
    this.upload = upload;
    this.isRunning = false;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.#find("b").textContent = upload.name;
    const actions = {
      pause: () => upload.pause(),
      resume: () => {
        upload.state = "waiting";
        onStart();
      },
      retry: () => upload.hurry(),
      remove: () => onRemove(this),
    };
    for (const [action, run] of Object.entries(actions)) {
      const button = this.#find(`[data-${action}]`);
      button.setAttribute("aria-label", `${LABELS[action] ?? ""} ${upload.name}`.trim());
      button.addEventListener("click", () => {
        run();
        this.show();
        if (button.hidden) this.#find("button:not([hidden])").focus();
      });
    }
    this.#find("progress").setAttribute("aria-label", `Upload of ${upload.name}`);
    this.show();
  }

  async run() {
    this.isRunning = true;
    this.began = null;
    await this.upload.run();
    this.isRunning = false;
  }

  refuse(reason) {
    this.upload.state = "refused";
    this.upload.reason = reason;
    this.show();
  }

  show() {
    const { state, reason, name, size, sent, isOver } = this.upload;
    const error = this.#find(".error");
    error.hidden = state !== "refused";
    error.textContent = reason;
    this.#find("small").textContent = this.#words();
    for (const action of Object.keys(LABELS)) {
      this.#find(`[data-${action}]`).hidden = !BUTTONS[state]?.includes(action);
    }
    this.#find("[data-remove]").setAttribute("aria-label", `${isOver ? "Remove" : "Stop"} ${name}`);
    const meter = this.#find("progress");
    meter.hidden = !METERED.has(state);
    meter.max = size || 1;
    meter.value = sent;
  }

  #words() {
    const { state, sent, size } = this.upload;
    const all = bytes(size);
    const some = `${bytes(sent)} of ${all}`;
    if (state === "sending") return `${some}${this.#left()}`;
    return {
      waiting: `${all}, waiting for its turn`,
      hashing: `${all}, being read`,
      paused: `${some}, paused by you`,
      lost: `The connection was lost at ${some}. It goes on by itself.`,
      checking: `${all}, being checked`,
      ready: `${all}, checked`,
      refused: all,
    }[state];
  }

  #left() {
    const { sent, size } = this.upload;
    this.began ??= { at: performance.now(), sent };
    const seconds = (performance.now() - this.began.at) / 1000;
    const speed = (sent - this.began.sent) / seconds;
    return seconds > 2 && speed > 0 ? `, ${left((size - sent) / speed)}` : "";
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }
}
