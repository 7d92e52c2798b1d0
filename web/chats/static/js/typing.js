// Shows that the other party is typing.
const TYPING_MS = 5000;

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
