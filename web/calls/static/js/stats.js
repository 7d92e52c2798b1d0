// What the browser's statistics say about the line, both ways, between one reading and the next.

const count = (entry, name) => Math.max(entry[name] ?? 0, 0);

function sum(reports) {
  const now = { lost: 0, received: 0, roundTrip: 0, sendingLoss: 0, available: null };
  for (const entry of reports.flatMap((report) => (report ? [...report.values()] : []))) {
    if (entry.type === "inbound-rtp") {
      now.lost += count(entry, "packetsLost");
      now.received += count(entry, "packetsReceived");
    } else if (entry.type === "remote-inbound-rtp") {
      now.sendingLoss = Math.max(now.sendingLoss, count(entry, "fractionLost"));
      now.roundTrip = Math.max(now.roundTrip, count(entry, "roundTripTime"));
    } else if (entry.type === "candidate-pair" && entry.nominated) {
      now.roundTrip = Math.max(now.roundTrip, count(entry, "currentRoundTripTime"));
      now.available = entry.availableOutgoingBitrate ?? now.available;
    }
  }
  return now;
}

// Returns `read(reports)`, which takes a list of RTCStatsReport and returns `loss` and `sendingLoss` from 0 to 1,
// `roundTrip` in seconds, and `available`: the bits per second the line takes from here, or null if it is not known.
export function openReader() {
  let before = { lost: 0, received: 0 };

  return function read(reports) {
    const now = sum(reports);
    const lost = Math.max(now.lost - before.lost, 0);
    const all = lost + Math.max(now.received - before.received, 0);
    before = now;
    const { roundTrip, sendingLoss, available } = now;
    return { loss: all ? lost / all : 0, roundTrip, sendingLoss, available };
  };
}
