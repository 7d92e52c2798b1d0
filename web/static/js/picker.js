// The slot picker: says the chosen time in both zones, draws it into the day, and watches for news.
const form = document.querySelector("[data-picker]");

const clock = (time, zone) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(time);
const day = (time, zone) => {
  const part = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: zone })
    .formatToParts(time).map(({ type, value }) => [type, value]));
  return `${part.weekday} ${part.day} ${part.month.slice(0, 3)} ${part.year}`;
};

function line(tag, text, name) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}

// The refund that will hold once the developer has accepted, in the words of the terms.
function refund(start, notes) {
  const hours = (start - Date.now()) / 3600e3;
  const steps = notes.split(" ").filter(Boolean).map((step) => step.split(":").map(Number));
  const step = steps.find(([seconds]) => hours * 3600 >= seconds);
  const last = steps.at(-1);
  if (!last) return "";
  if (!step) return `Starts in less than ${last[0] / 3600} hours: once accepted, cancelling brings no refund`;
  return `Once accepted, ${step[1]}\u00a0% back if you cancel ${step[0] / 3600} hours or more before the start`;
}

function show() {
  const times = form.querySelector("#times");
  const output = form.querySelector("#chosen");
  const chosen = form.querySelector("[name=start]:checked");
  output.hidden = !chosen;
  for (const mark of times.querySelectorAll(".mine")) mark.setAttribute("width", 0);
  if (!chosen) return;
  const { zone, otherZone, name, noticeNotes } = times.dataset;
  const start = new Date(chosen.value);
  const end = new Date(chosen.dataset.end);
  const abbreviation = chosen.getAttribute("aria-label").split(" ").at(-1);
  const last = day(start, zone) === day(end, zone) ? clock(end, zone) : `${day(end, zone)}, ${clock(end, zone)}`;
  const said = [line("b", `${day(start, zone)}, ${clock(start, zone)} to ${last} ${abbreviation}`)];
  if (zone !== otherZone) {
    const theirs = day(start, zone) === day(start, otherZone) ? "" : `${day(start, otherZone)}, `;
    said.push(line("span", `${theirs}${clock(start, otherZone)} to ${clock(end, otherZone)} in ${otherZone.split("/").at(-1).replaceAll("_", " ")} for ${name}`, "soft fine"));
  }
  const note = refund(start, noticeNotes);
  if (note) said.push(line("span", note, "soft fine"));
  output.replaceChildren(...said);
  const [hour, minute] = clock(start, zone).split(":").map(Number);
  const mark = chosen.closest(".times").querySelector(".mine");
  mark.setAttribute("x", hour * 4 + minute / 15);
  mark.setAttribute("width", Math.min((end - start) / 900e3, 96 - hour * 4 - minute / 15));
}

if (form) {
  show();
  form.addEventListener("change", (event) => {
    if (event.target.name === "day") {
      const chosen = form.querySelector("[name=start]:checked");
      if (chosen && chosen.closest(".times").dataset.day !== event.target.value) chosen.checked = false;
    }
    if (["day", "start"].includes(event.target.name)) show();
  });
  // Times that came new from the server; the day looked at stays the day looked at.
  let before = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "times") return;
    before = { chosen: form.querySelector("[name=start]:checked")?.value, day: form.querySelector("[name=day]:checked")?.value,
      label: form.querySelector("[name=start]:checked")?.getAttribute("aria-label") };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "times" || !before) return;
    const now = form.querySelector("[name=start]:checked");
    const day = form.querySelector(`[name=day][value="${before.day}"]:not(:disabled)`);
    if (!now && day) day.checked = true;
    const told = document.getElementById("told");
    if (told) told.textContent = before.chosen && !now ? `${before.label} is not free any more. Pick another time.`
      : `${form.querySelectorAll("[name=start]").length} free times this week`;
    before = null;
    show();
  });
}
