// Sizes and times in words, in the language of the page.
const STEP = 1000;
const UNITS = ["byte", "kilobyte", "megabyte"];
const language = document.documentElement.lang || "en";

export function bytes(count) {
  if (count < STEP) return count === 1 ? "1 byte" : `${count} bytes`;
  const power = count < STEP * STEP ? 1 : 2;
  const digits = power === 2 ? 1 : 0;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[power],
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(count / STEP ** power);
}

export function left(seconds) {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s left` : `${Math.round(seconds / 60)} min left`;
}
