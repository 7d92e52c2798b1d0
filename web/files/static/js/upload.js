// Uploads one file: computes its hash, sends what the storage does not have, and waits for the check.
// After a lost connection it goes on by itself; `resume` continues an upload of an earlier page.
import { put, Refused, Unreachable } from "./requests.js";

const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const CHECK_MS = [500, 1000, 2000, 4000, 8000];

// `state`: waiting, hashing, sending, paused, lost (no connection), checking, ready, refused.
// `onChange` is called after each change of the fields, `onId` when the server knows the upload.
export class Upload {
  constructor({ file, name, size, purpose, api, id = "", sha256 = "", onChange, onId = () => {} }) {
    Object.assign(this, { file, name, size, purpose, api, id, sha256, onChange, onId });
    this.state = "waiting";
    this.sent = 0;
    this.reason = "";
    this.failures = 0;
  }

  get isOver() {
    return this.state === "ready" || this.state === "refused";
  }

  // Until it is over, paused or stopped.
  async run() {
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    while (!this.isOver && !signal.aborted) {
      try {
        await this.#attempt(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Unreachable) await this.#wait(signal);
        else this.#refuse(error);
      }
    }
  }

  // Leave it as it is, without a change here or at the server.
  stop() {
    this.stopping?.abort();
  }

  pause() {
    this.stop();
    this.#change("paused");
  }

  // Remove it here and at the server, also when the server has not answered yet which upload it is. Without a
  // connection the server removes it later by itself.
  async discard() {
    this.isDiscarded = true;
    this.stop();
    if (this.id) await this.api.discard(this.id).catch(() => {});
  }

  // The connection may be back.
  hurry() {
    this.wake?.();
  }

  async #attempt(signal) {
    if (!this.sha256) {
      this.#change("hashing");
      this.sha256 = await hashOf(this.file, signal);
    }
    let plan = this.id ? await this.api.show(this.id) : await this.#begin();
    if (signal.aborted) return;
    if (plan.state === "pending") {
      await this.#send(plan, signal);
      plan = await this.#complete();
    }
    await this.#awaitCheck(plan, signal);
  }

  async #begin() {
    const { purpose, name, size, sha256, file } = this;
    const plan = await this.api.begin({ purpose, name, size, sha256, type: file.type });
    this.id = plan.id;
    if (this.isDiscarded) await this.discard();
    else this.onId();
    return plan;
  }

  async #send(plan, signal) {
    if (!this.file) throw new Refused({ detail: "Choose this file again to go on with it." });
    this.#change("sending");
    if (plan.put) {
      const { url, headers } = plan.put;
      await this.#put({ url, headers, body: this.file, signal }, 0);
      return;
    }
    const { size, urls } = plan.parts;
    const missing = Object.keys(urls).map(Number);
    let before = this.size - missing.reduce((sum, number) => sum + this.#part(number, size).size, 0);
    for (const number of missing) {
      const body = this.#part(number, size);
      await this.#put({ url: urls[number], body, signal }, before);
      before += body.size;
    }
  }

  #part(number, size) {
    return this.file.slice((number - 1) * size, number * size);
  }

  async #put(request, before) {
    this.sent = before;
    const onProgress = (sent) => {
      this.sent = before + sent;
      this.failures = 0;
      this.#change("sending");
    };
    await put({ ...request, onProgress });
    this.failures = 0;
  }

  // Parts that the storage does not have after all are sent by the next attempt.
  async #complete() {
    this.sent = this.size;
    this.#change("checking");
    try {
      return await this.api.complete(this.id);
    } catch (error) {
      if (error.code === "parts_missing") throw new Unreachable(error.message);
      throw error;
    }
  }

  async #awaitCheck(plan, signal) {
    for (let look = 0; plan.state !== "final" && plan.state !== "refused"; look += 1) {
      this.#change("checking");
      await this.#sleep(CHECK_MS[Math.min(look, CHECK_MS.length - 1)], signal);
      if (signal.aborted) return;
      plan = await this.api.show(this.id);
    }
    this.reason = plan.reason ?? "";
    this.#change(plan.state === "final" ? "ready" : "refused");
  }

  async #wait(signal) {
    this.#change(navigator.onLine && this.failures === 0 ? this.state : "lost");
    await this.#sleep(RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)], signal);
    this.failures += 1;
  }

  #sleep(milliseconds, signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", this.wake, { once: true });
    });
  }

  #refuse(error) {
    this.reason = error.message;
    this.#change("refused");
  }

  #change(state) {
    this.state = state;
    this.onChange(this);
  }
}

function hashOf(file, signal) {
  const worker = new Worker(new URL("./hashing.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    const unreadable = () => reject(new Refused({ detail: "The file cannot be read any more. Choose it again." }));
    worker.addEventListener("message", ({ data }) => {
      if (data.sha256) resolve(data.sha256);
      if (data.failed) unreadable();
    });
    worker.addEventListener("error", unreadable);
    signal.addEventListener("abort", () => reject(new Unreachable("Stopped.")), { once: true });
    worker.postMessage(file);
  }).finally(() => worker.terminate());
}
