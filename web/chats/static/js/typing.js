// Shows that the other party is typing, and whether it is there.
const TYPING_MS = 5000;
const HERE_MS = 45000;
const GONE_MS = 100000;

export function openTyping(section, { thread }) {
  const words = section.querySelector("[data-typing]");
  let timer = 0;
  const stop = () => {
    clearTimeout(timer);
    words.hidden = true;
  };
  return {
    stop,
    start() {
      const wasAtEnd = thread.isAtEnd();
      stop();
      words.hidden = false;
      if (wasAtEnd) thread.toEnd();
      timer = setTimeout(stop, TYPING_MS);
    },
  };
}
