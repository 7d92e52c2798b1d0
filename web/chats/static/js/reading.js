// Marks what is seen as read: while the page is shown and focused, at most once a second.
const EVERY_MS = 1000;

export function openReading({ thread, read, mark }) {
  let marked = read;
  let seen = 0;
  let timer = 0;

  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) seen = Math.max(seen, Number(target.dataset.seq));
    }
    plan();
  });
  const isLooking = () => document.visibilityState === "visible" && document.hasFocus();

  function plan(delay = 0) {
    if (timer || seen <= marked || !isLooking()) return;
    timer = setTimeout(async () => {
      const seq = seen;
      try {
        if (isLooking() && seq > marked && (await mark(seq)).ok) marked = Math.max(marked, seq);
      } catch {
        // Without a connection; it is tried again after the next one.
      }
      timer = setTimeout(() => {
        timer = 0;
        plan();
      }, EVERY_MS);
    }, delay);
  }
  function observe() {
    for (const line of thread.list.querySelectorAll("[data-seq]:not([data-observed])")) {
      line.dataset.observed = "";
      observer.observe(line);
    }
  }
  addEventListener("focus", () => plan());
  document.addEventListener("visibilitychange", () => plan());
  return { observe, plan, markedBy: (seq) => (marked = Math.max(marked, seq)) };
}

// Own messages up to this number have been read by the other party.
export function showRead(list, seq) {
  for (const words of list.querySelectorAll(".mine[data-seq] [data-seen][hidden]")) {
    if (Number(words.closest("[data-seq]").dataset.seq) <= seq) words.hidden = false;
  }
}
