// Requests of uploads: JSON to the API, and bytes to the storage.
const API = "/api/v1/uploads";
const STALLED_MS = 60000;

// There was no answer, or none that says what is wrong: worth another attempt.
export class Unreachable extends Error {}

// The request was refused; `code` and `data` are those of the problem.
export class Refused extends Error {
  constructor(data) {
    super(data.errors?.[0]?.message ?? data.detail ?? "The file was refused.");
    this.code = data.code;
    this.data = data;
  }
}

export function openApi(token) {
  async function ask(method, path, body) {
    const headers = { Accept: "application/json", "X-CSRF-Token": token() };
    if (body) headers["Content-Type"] = "application/json";
    let response;
    let answer;
    try {
      response = await fetch(API + path, { method, headers, body: body && JSON.stringify(body) });
      answer = await response.json();
    } catch {
      throw new Unreachable("There is no connection.");
    }
    if (response.status >= 500 || response.status === 429) throw new Unreachable(answer.detail);
    if (!response.ok) throw new Refused(answer);
    return answer;
  }
  return {
    begin: (upload) => ask("POST", "", upload),
    show: (id) => ask("GET", `/${id}`),
    complete: (id) => ask("POST", `/${id}/complete`),
    discard: (id) => ask("DELETE", `/${id}`),
  };
}

// Send bytes to an address of the storage. Throws `Unreachable`, also for an address that has expired:
// the next attempt asks for a new one. `onProgress` gets the bytes that were sent.
export function put({ url, headers = {}, body, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new Unreachable("The connection was lost."));
    let stalled = 0;
    const watch = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded }) => {
      watch();
      onProgress(loaded);
    });
    request.addEventListener("load", () => (request.status < 300 ? resolve() : fail()));
    for (const name of ["error", "abort"]) request.addEventListener(name, fail);
    request.addEventListener("loadend", () => clearTimeout(stalled));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    watch();
    request.send(body);
  });
}
