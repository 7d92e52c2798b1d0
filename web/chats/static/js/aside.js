// The booking beside a conversation: loaded again when one changes, and after a time without a connection.
export function openAside({ chat }) {
  const place = () => document.querySelector("[data-aside]");

  return async function refresh() {
    if (!place()) return;
    const path = `/messages/${encodeURIComponent(chat)}/booking`;
    const response = await fetch(path, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    const fresh = template.content.querySelector("[data-aside]");
    const focused = place().contains(document.activeElement) ? document.activeElement.getAttribute("href") : "";
    place().replaceWith(fresh);
    if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
}
