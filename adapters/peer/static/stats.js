// What the statistics of a connection say about the line, between one reading and the next.

export function readStats() {
  let before = { lost: 0, received: 0 };

  return function read(report) {
    const now = { lost: 0, received: 0 };
    let roundTrip = 0;
    for (const each of report.values()) {
      if (each.type === "inbound-rtp") {
        now.lost += Math.max(each.packetsLost || 0, 0);
        now.received += each.packetsReceived || 0;
      }
      if (each.type === "candidate-pair" && each.nominated && each.currentRoundTripTime !== undefined) {
        roundTrip = each.currentRoundTripTime;
      }
    }
    const lost = now.lost - before.lost;
    const all = lost + now.received - before.received;
    before = now;
    return { loss: all > 0 ? Math.max(lost, 0) / all : 0, roundTrip };
  };
}
