// Loss and round trip of the line, from the reports of the tracks that are received, since the last reading.

export function readStats() {
  let before = { lost: 0, received: 0 };

  return function read(reports) {
    const now = { lost: 0, received: 0 };
    let roundTrip = 0;
    for (const entry of reports.flatMap((report) => (report ? [...report.values()] : []))) {
      if (entry.type === "inbound-rtp") {
        now.lost += Math.max(entry.packetsLost ?? 0, 0);
        now.received += entry.packetsReceived ?? 0;
      } else if (entry.type === "candidate-pair" && entry.nominated) {
        roundTrip = entry.currentRoundTripTime ?? roundTrip;
      }
    }
    const lost = Math.max(now.lost - before.lost, 0);
    const total = lost + Math.max(now.received - before.received, 0);
    before = now;
    return { loss: total ? lost / total : 0, roundTrip };
  };
}
