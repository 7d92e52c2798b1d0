// Tells the site the time zone of this browser, and selects it in forms without a chosen zone.
const MODERN = {
  "Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Asia/Rangoon": "Asia/Yangon", "Europe/Kiev": "Europe/Kyiv", "Atlantic/Faeroe": "Atlantic/Faroe",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires", "America/Godthab": "America/Nuuk",
};
const told = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
const zone = MODERN[told] || told;

if (zone) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
  for (const select of document.querySelectorAll("select[data-zone]")) {
    if ([...select.options].some((option) => option.value === zone)) select.value = zone;
  }
}
