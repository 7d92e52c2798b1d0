// Bookings that change while a page is open: refreshes the parts marked `data-live-booking`, or
// shows a message where a refresh would lose input.
import { notify } from "../../shared/js/toasts.js";

const WORDS = {
  held: "A time was reserved",
  paid: "A booking was paid",
  accepted: "A booking was accepted",
  declined: "A booking was declined",
  auto_cancelled: "A booking was not answered in time",
  cancelled: "A booking was cancelled",
  expired: "A booking was not paid in time",
  given_back: "A time was released",
  delivered: "Work was delivered",
  changes_requested: "Changes were requested",
  approved: "The work was approved",
  not_delivered: "Nothing was delivered in time",
  send_again: "A delivery was asked for again",
  dispute_opened: "A case was opened",
  dispute_answered: "A case was answered",
  dispute_evidence: "Evidence was added to a case",
  dispute_offered: "An offer was made in a case",
  dispute_unanswered: "The time to answer in a case is over",
  dispute_deciding: "A case is being decided",
  dispute_asked: "An administrator asks a question in a case",
  dispute_read: "An administrator has opened a case",
  dispute_settled: "A case is settled",
  dispute_withdrawn: "A case was taken back",
  dispute_resumed: "The work of a case is delivered once more",
  cancellation_proposed: "A booking was cancelled after a delivery",
  cancellation_contested: "A cancellation was contested",
  cancellation_withdrawn: "A cancellation was taken back",
  refunded: "A refund was confirmed",
  paid_too_late: "A payment arrived too late and is being refunded",
  paid_twice: "A second payment is being refunded",
  refund_decided: "An administrator has decided a refund",
  refund_stopped: "The payment provider has refused a refund",
  refund_retried: "A refund is requested again",
  refund_paid_otherwise: "A refund was transferred",
};

const places = () => [...document.querySelectorAll("[data-live-booking]")];
const edited = (text) => text.value !== text.defaultValue || text === document.activeElement;
const busy = (place) =>
  place.querySelector("dialog[open]") !== null ||
  [...place.querySelectorAll(":is(textarea, input.input):not([hx-preserve] *)")].some(edited); // those are kept
const refresh = (place) => window.htmx?.trigger(place, "booking-updated");

function updated({ booking, what }) {
  const words = WORDS[what] || "A booking has changed";
  const shown = places().filter((place) => ["*", booking].includes(place.dataset.liveBooking));
  if (!shown.length && what !== "held") {
    notify(words, { address: `/bookings/${encodeURIComponent(booking)}`, action: "Open" });
  }
  for (const place of shown) {
    if (busy(place)) notify(words, { address: location.pathname, action: "Show" });
    else {
      document.getElementById("status").textContent = words;
      refresh(place);
    }
  }
}

document.addEventListener("live:booking:updated", (event) => updated(event.detail));
// Events that were missed while the connection was down are not sent again.
document.addEventListener("live:connected", (event) => {
  if (event.detail.again) places().filter((place) => !busy(place)).forEach(refresh);
});
