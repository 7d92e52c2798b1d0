// Whether the other party has the conversation open, and that this page has it open.
const HERE_MS = 45000;
const GONE_MS = 130000; // nothing was heard of it for so long

export function openPresence(section, { account, other, tell }) {
  const words = section.querySelector("[data-presence]");
  let timer = 0;

  function show(online) {
    clearTimeout(timer);
    if (online) timer = setTimeout(() => show(false), GONE_MS);
    if (words.dataset.online === (online ? "yes" : "")) return;
    words.dataset.online = online ? "yes" : "";
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    words.textContent = online ? "Online, " : `Last seen ${time}, `;
  }
  const here = () => document.visibilityState === "visible" && tell("chat:here");

  if (words.dataset.online) timer = setTimeout(() => show(false), GONE_MS);
  setInterval(here, HERE_MS);
  document.addEventListener("visibilitychange", here);
  addEventListener("pagehide", () => tell("chat:close"));
  return {
    here,
    heard({ account: who, online }) {
      if (who === other) show(online);
      else if (who === account && !online) here(); // another page of this person was closed
    },
  };
}
