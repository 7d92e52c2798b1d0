// The lines of a conversation on the page. Lines come from the server; only an own message that waits
// is made here, as plain text.
const FROM_END = 80;

export function openThread(section, { chat, last }) {
  const thread = section.querySelector("[data-thread]");
  const list = section.querySelector("[data-lines]");
  const earlier = section.querySelector("p[data-earlier]");
  const path = `/messages/${encodeURIComponent(chat)}/lines`;
  const line = (seq) => list.querySelector(`[data-seq="${seq}"]`);
  const state = { last };

  async function fetched(query) {
    const response = await fetch(`${path}?${query}`, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) throw new Error(`lines: ${response.status}`);
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    return template.content.querySelector("ol");
  }
  const isKnown = (item) =>
    (item.dataset.seq && line(item.dataset.seq)) ||
    (item.dataset.key && list.querySelector(`[data-key="${CSS.escape(item.dataset.key)}"]`)) ||
    (item.dataset.day && list.querySelector(`[data-day="${item.dataset.day}"]`));

  // The thread is laid out from its end: at the end, `scrollTop` is 0, above it is negative.
  const isAtEnd = () => thread.scrollTop > -FROM_END;
  const toEnd = () => (thread.scrollTop = 0);

  function add(lines) {
    const wasAtEnd = isAtEnd();
    section.querySelector("[data-none]")?.remove();
    for (const item of [...lines.children]) {
      const { client } = item.dataset;
      if (client) list.querySelector(`[data-waiting="${CSS.escape(client)}"]`)?.remove();
      if (!isKnown(item)) list.insertBefore(item, list.querySelector("[data-waiting]"));
    }
    if (Number(lines.dataset.last) > state.last) state.last = Number(lines.dataset.last);
    if (wasAtEnd) toEnd();
    section.dispatchEvent(new CustomEvent("chat:lines"));
  }

  // Lines after the last known one, in as many requests as it takes; with `statuses`, also of bookings.
  async function catchUp(statuses = false) {
    for (let more = true; more; ) {
      const lines = await fetched(`after=${state.last}${statuses ? "&statuses=yes" : ""}`);
      more = "later" in lines.dataset;
      add(lines);
    }
  }

  async function replace(seq) {
    const old = line(seq);
    if (!old) return;
    const fresh = (await fetched(`seq=${seq}`)).querySelector("[data-seq]");
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (hadFocus) thread.focus({ preventScroll: true });
    section.dispatchEvent(new CustomEvent("chat:lines"));
  }

  let isLoading = false;
  async function loadEarlier() {
    if (isLoading || earlier.hidden) return;
    isLoading = true;
    thread.setAttribute("aria-busy", "true"); // not read out
    try {
      const link = earlier.querySelector("a");
      const before = new URL(link.href).searchParams.get("before");
      const lines = await fetched(`before=${before}`);
      const first = list.firstElementChild;
      if (first?.dataset.day && lines.querySelector(`[data-day="${first.dataset.day}"]`)) first.remove();
      earlier.hidden = !("earlier" in lines.dataset);
      link.href = link.href.replace(/before=\d+/, `before=${lines.dataset.first}`);
      list.prepend(...[...lines.children].filter((item) => !isKnown(item) || item.dataset.day));
      section.dispatchEvent(new CustomEvent("chat:lines"));
    } finally {
      isLoading = false;
      thread.removeAttribute("aria-busy");
    }
  }
  earlier.addEventListener("click", (event) => {
    event.preventDefault();
    loadEarlier().catch(() => {});
  });
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && thread.scrollTop < 0) loadEarlier().catch(() => {});
  }, { root: thread }).observe(earlier);

  function showNew() {
    const mark = section.querySelector("#new");
    if (!mark || location.hash) return;
    thread.scrollTop += mark.getBoundingClientRect().top - thread.getBoundingClientRect().top - 16;
  }
  function jumpTo(seq) {
    const found = line(seq);
    if (!found) return false;
    found.scrollIntoView({ block: "center" });
    list.querySelector(".shown")?.classList.remove("shown");
    found.classList.add("shown");
    return true;
  }
  list.addEventListener("click", (event) => {
    const quote = event.target.closest(".quote");
    if (quote && jumpTo(quote.hash.slice(2))) event.preventDefault();
  });

  return {
    thread, list, line, catchUp, replace, showNew, toEnd, isAtEnd,
    get last() {
      return state.last;
    },
  };
}
