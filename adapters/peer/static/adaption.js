// How much picture a page sends. Congestion control of the browser finds the bits per second that the line takes; here
// is decided what they are spent on. On a weak line the camera gets smaller and slower, and the screen only slower,
// because text must stay sharp. The ceilings leave room for sound, which is never lowered.

const CAMERA = [
  { bits: 1_200_000, frames: 30, scale: 1 },
  { bits: 400_000, frames: 20, scale: 2 },
  { bits: 150_000, frames: 12, scale: 4 },
];
const SCREEN = [
  { bits: 2_000_000, frames: 15, scale: 1 },
  { bits: 800_000, frames: 8, scale: 1 },
  { bits: 300_000, frames: 3, scale: 1 },
];
const LEAST = CAMERA.length - 1;
const BAD_READINGS = 2;
const GOOD_READINGS = 4;
const MOST_GOOD_READINGS = 32;
const TOO_LITTLE = [400_000, 130_000, 0]; // for the step that is sent

// What to send at a step: 0 is all.
export const ceiling = (step, isScreen) => (isScreen ? SCREEN : CAMERA)[step];

function isBad({ sendingLoss, roundTrip, available }, step) {
  return sendingLoss > 0.08 || roundTrip > 0.8 || (available !== null && available < TOO_LITTLE[step]);
}
// While little is sent, the browser tries out only a little more than that: more cannot be asked for.
function isGood({ sendingLoss, roundTrip, available }, step) {
  return sendingLoss < 0.02 && roundTrip < 0.4 && (available === null || available > CAMERA[step].bits * 1.2);
}

// Returns `next(reading)`, which returns the step from now on. After a step up that was a mistake, it waits twice as
// long.
export function openAdaption() {
  let step = 0;
  let bad = 0;
  let good = 0;
  let patience = GOOD_READINGS;

  return function next(reading) {
    bad = isBad(reading, step) ? bad + 1 : 0;
    good = isGood(reading, step) ? good + 1 : 0;
    if (bad >= BAD_READINGS && step < LEAST) {
      step += 1;
      bad = good = 0;
      patience = Math.min(patience * 2, MOST_GOOD_READINGS);
    } else if (good >= patience && step > 0) {
      step -= 1;
      bad = good = 0;
    } else if (good >= MOST_GOOD_READINGS) {
      patience = GOOD_READINGS;
    }
    return step;
  };
}
