// A worker: computes the SHA-256 of a file, so that the page stays responsive.
import { sha256 } from "../../vendor/noble-hashes/sha2.js";

const CHUNK = 4 * 1024 * 1024;

addEventListener("message", async ({ data: file }) => {
  try {
    const hash = sha256.create();
    for (let start = 0; start < file.size; start += CHUNK) {
      const part = await file.slice(start, start + CHUNK).arrayBuffer();
      hash.update(new Uint8Array(part));
      postMessage({ read: start + part.byteLength });
    }
    postMessage({ sha256: hex(hash.digest()) });
  } catch {
    postMessage({ failed: true }); // the file was changed or removed after it was chosen
  }
});

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
