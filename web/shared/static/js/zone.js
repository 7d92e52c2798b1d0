// Sends the time zone of this browser to the site in a cookie, and selects it in forms without one.
const MODERN = {
  "Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Asia/Rangoon": "Asia/Yangon", "Europe/Kiev": "Europe/Kyiv", "Atlantic/Faeroe": "Atlantic/Faroe",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires", "America/Godthab": "America/Nuuk",
};
const detected = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
const zone = MODERN[detected] || detected;

if (zone) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
  for (const select of document.querySelectorAll("select[data-zone]")) {
    if ([...select.options].some((option) => option.value === zone)) select.value = zone;
  }
}
