// Sends the time zone of this browser to the site in a cookie. A page with the times of another zone
// is loaded again before it is shown, unless cookies are blocked. Runs before the page is shown.
(() => {
  const page = document.documentElement;
  const detected = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isStored = () => document.cookie.split("; ").includes(`zone=${detected}`);
  if (!detected || isStored()) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${detected}; path=/; max-age=31536000; samesite=lax${secure}`;
  const shown = page.dataset.zone;
  if (!shown || isSame(shown, detected) || !isStored()) return;
  page.hidden = true;
  location.reload();

  // Browsers may call a zone by an old name, such as Asia/Calcutta.
  function isSame(one, other) {
    try {
      return Intl.DateTimeFormat("en", { timeZone: one }).resolvedOptions().timeZone === other;
    } catch {
      return one === other;
    }
  }
})();
