// Uploads that a page has begun, kept by the browser with their bytes, so that a reload loses nothing.
const NAME = "kept"; // removed at the log-out by `live.js`

const asPromise = (request) =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });

async function open() {
  const request = indexedDB.open(NAME, 1);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore(NAME, { keyPath: "id" }).createIndex("field", "field");
  });
  return asPromise(request);
}

// `field` names the account and what the files are for. Without IndexedDB nothing is kept.
export function openKept(field) {
  const database = open().catch(() => null);
  async function use(mode, work) {
    try {
      const store = (await database)?.transaction(NAME, mode).objectStore(NAME);
      return store ? await asPromise(work(store)) : undefined;
    } catch {
      return undefined; // no place left, or switched off
    }
  }
  return {
    all: async () => (await use("readonly", (store) => store.index("field").getAll(field))) ?? [],
    keep: ({ id, file, name, size, sha256 }) =>
      use("readwrite", (store) => store.put({ id, field, file, name, size, sha256 })),
    remove: (id) => use("readwrite", (store) => store.delete(id)),
  };
}
