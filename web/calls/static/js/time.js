// The time of the site, whose deadlines count, in milliseconds.
const ahead = Date.parse(document.querySelector('meta[name="now"]').content) - Date.now();

export const siteNow = () => Date.now() + ahead;
