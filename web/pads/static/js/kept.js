// What was written and is not stored at the site yet: kept in the browser until it is. Each page has an entry of its
// own; a page that opens the pad takes over those of pages that are gone. Removed at the log-out (shared/js/live.js).
import { toBytes, toText } from "./bytes.js";

export function openKept(account, booking) {
  const prefix = `kept:pad:${account}:${booking}:`;
  const own = prefix + crypto.randomUUID();
  const others = new Map();

  function save(bytes) {
    try {
      if (bytes) localStorage.setItem(own, toText(bytes));
      else localStorage.removeItem(own);
      return true;
    } catch {
      return false; // full, or switched off
    }
  }
  return {
    save,
    // What other pages have left.
    take() {
      try {
        for (const key of Object.keys(localStorage)) {
          if (key.startsWith(prefix) && key !== own) others.set(key, localStorage.getItem(key));
        }
        return [...others.values()].map(toBytes);
      } catch {
        return [];
      }
    },
    // It is stored at the site now. A page that is still open may have kept more since.
    stored() {
      save(null);
      for (const [key, value] of others) if (localStorage.getItem(key) === value) localStorage.removeItem(key);
      others.clear();
    },
  };
}
