// The slot picker: shows the chosen time in both zones and in the bar of the day, and keeps what was
// chosen when the times are fetched again.
const form = document.querySelector("[data-picker]");

const format = (zone, parts) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...parts });
const clock = (time, zone) => format(zone, { hour: "2-digit", minute: "2-digit" }).format(time);
const DATE = { weekday: "short", day: "numeric", month: "short", year: "numeric" };

function day(time, zone) {
  const parts = format(zone, DATE).formatToParts(time).map(({ type, value }) => [type, value]);
  const { weekday, day, month, year } = Object.fromEntries(parts);
  return `${weekday} ${day} ${month.slice(0, 3)} ${year}`;
}

function line(tag, text, name) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}

// The refund that applies once the developer has accepted.
function refund(start, notes) {
  const hours = (start - Date.now()) / 3600e3;
  const steps = notes.split(" ").filter(Boolean).map((step) => step.split(":").map(Number));
  const step = steps.find(([seconds]) => hours * 3600 >= seconds);
  const last = steps.at(-1);
  if (!last) return "";
  if (!step) {
    return `Starts in less than ${last[0] / 3600} hours: once accepted, there is no refund`;
  }
  const notice = `${step[0] / 3600} hours or more before the start`;
  return `Once accepted, ${step[1]}\u00a0% back if you cancel ${notice}`;
}

function show() {
  const times = form.querySelector("#times");
  const output = form.querySelector("#chosen");
  const chosen = form.querySelector("[name=start]:checked");
  output.hidden = !chosen;
  for (const bar of times.querySelectorAll(".mine")) bar.setAttribute("width", 0);
  if (!chosen) return;
  const { zone, otherZone, name, noticeNotes } = times.dataset;
  const start = new Date(chosen.value);
  const end = new Date(chosen.dataset.end);
  const abbreviation = chosen.getAttribute("aria-label").split(" ").at(-1);
  const last = day(start, zone) === day(end, zone) ? "" : `${day(end, zone)}, `;
  const span = `${day(start, zone)}, ${clock(start, zone)} to ${last}${clock(end, zone)}`;
  const lines = [line("b", `${span} ${abbreviation}`)];
  if (zone !== otherZone) {
    const date = day(start, zone) === day(start, otherZone) ? "" : `${day(start, otherZone)}, `;
    const theirs = `${date}${clock(start, otherZone)} to ${clock(end, otherZone)}`;
    const city = otherZone.split("/").at(-1).replaceAll("_", " ");
    lines.push(line("span", `${theirs} in ${city} for ${name}`, "soft fine"));
  }
  const note = refund(start, noticeNotes);
  if (note) lines.push(line("span", note, "soft fine"));
  output.replaceChildren(...lines);
  const [hour, minute] = clock(start, zone).split(":").map(Number);
  const bar = chosen.closest(".times").querySelector(".mine");
  bar.setAttribute("x", hour * 4 + minute / 15);
  bar.setAttribute("width", Math.min((end - start) / 900e3, 96 - hour * 4 - minute / 15));
}

// The address remembers the choice (never the text), so that Back from the log-in shows it again.
function remember() {
  const chosen = form.querySelector("[name=start]:checked");
  const { hours, zone } = form.querySelector("#times").dataset;
  const query = new URLSearchParams({ hours, zone, ...(chosen && { start: chosen.value }) });
  const path = form.dataset.path ?? `/developers/${form.dataset.developer}`;
  history.replaceState(history.state, "", `${path}?${query}${location.hash}`);
}

if (form) {
  show();
  form.addEventListener("change", (event) => {
    if (event.target.name === "day") {
      const chosen = form.querySelector("[name=start]:checked");
      if (chosen && chosen.closest(".times").dataset.day !== event.target.value) chosen.checked = false;
    }
    if (!["day", "start"].includes(event.target.name)) return;
    show();
    remember();
  });
  // When the times are fetched again, the chosen day stays chosen.
  let before = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "times") return;
    const chosen = form.querySelector("[name=start]:checked");
    const day = form.querySelector("[name=day]:checked");
    before = { chosen: chosen?.value, day: day?.value, label: chosen?.getAttribute("aria-label") };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "times" || !before) return;
    const now = form.querySelector("[name=start]:checked");
    const day = form.querySelector(`[name=day][value="${before.day}"]:not(:disabled)`);
    if (!now && day) day.checked = true;
    const free = form.querySelectorAll("[name=start]").length;
    const status = document.getElementById("status");
    if (status) {
      status.textContent = before.chosen && !now
        ? `${before.label} is no longer free. Select another time.`
        : `${free} free times this week`;
    }
    before = null;
    show();
    remember();
  });
}
