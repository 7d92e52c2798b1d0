// The level of the microphone, and a test tone.
const TONE_S = 0.9;
const HEARD = 0.01; // louder than a quiet room after noise suppression
let context = null;

const shared = () => (context ??= new AudioContext());

// Shows the level of a track in a meter, until it is called with another track, or null.
export function openMeter(meter, words) {
  let source = null;
  let timer = 0;
  let heard = false;

  function watch(track) {
    clearInterval(timer);
    source?.disconnect();
    source = null;
    heard = false;
    meter.value = 0;
    words.textContent = track ? "Say something: the bar moves." : "Your microphone is off.";
    if (!track) return;
    const analyser = shared().createAnalyser();
    analyser.fftSize = 1024;
    source = shared().createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    shared().resume();
    const samples = new Float32Array(analyser.fftSize);
    timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const loudness = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
      meter.value = Math.min(loudness * 4, 1);
      if (!heard && loudness > HEARD) {
        heard = true;
        words.textContent = "Your microphone works.";
      }
    }, 100);
  }
  return { watch };
}

// Plays two notes on the given speaker; returns when they are over.
export async function playTone(speaker) {
  const audio = shared();
  await audio.resume();
  const target = audio.createMediaStreamDestination();
  const volume = audio.createGain();
  const tone = audio.createOscillator();
  volume.gain.setValueAtTime(0.2, audio.currentTime);
  volume.gain.linearRampToValueAtTime(0, audio.currentTime + TONE_S);
  tone.frequency.setValueAtTime(440, audio.currentTime);
  tone.frequency.setValueAtTime(587, audio.currentTime + TONE_S / 2);
  tone.connect(volume).connect(target);
  const player = new Audio();
  player.srcObject = target.stream;
  if (speaker && player.setSinkId) await player.setSinkId(speaker).catch(() => {});
  await player.play();
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
  await new Promise((resolve) => (tone.onended = resolve));
  player.pause();
}
