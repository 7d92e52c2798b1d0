// Camera, microphone, screen and speaker of this person: one track of each kind at a time.
const STORED = "call-devices";
const WANTED = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } },
};
const INPUTS = { audioinput: "audio", videoinput: "video", audiooutput: "speaker" };

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) || {};
  } catch {
    return {};
  }
}

// `changed(kind)` is called when a track has come, gone or ended by itself.
export function openDevices({ changed }) {
  const chosen = stored();
  const tracks = { audio: null, video: null };

  function keep(kind, track) {
    const before = tracks[kind];
    if (before && before !== track) before.stop();
    tracks[kind] = track;
    track?.addEventListener("ended", () => {
      if (tracks[kind] !== track) return;
      tracks[kind] = null;
      changed(kind);
    });
    changed(kind);
  }

  // Throws the error of the browser, by whose name the trouble is told. Another device is taken where the chosen one
  // is gone, unless it is `exact`.
  async function start(kind, exact = false) {
    if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no secure page", "InsecureError");
    const id = chosen[kind];
    const which = id ? { deviceId: exact ? { exact: id } : { ideal: id } } : {};
    // Phones open one camera at a time.
    if (exact && matchMedia("(pointer: coarse)").matches) tracks[kind]?.stop();
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: { ...WANTED[kind], ...which } });
    const [track] = stream.getTracks();
    keep(kind, track);
    return track;
  }
  function stop(kind) {
    if (tracks[kind]) keep(kind, null);
  }

  let speakerChosen = () => {};
  async function choose(kind, id) {
    chosen[kind] = id;
    if (kind === "speaker") speakerChosen(id);
    try {
      localStorage.setItem(STORED, JSON.stringify(chosen));
    } catch {
      // Chosen for this page only.
    }
    if (kind !== "speaker" && tracks[kind]) await start(kind, Boolean(id));
  }

  async function list() {
    const found = { audio: [], video: [], speaker: [] };
    for (const each of (await navigator.mediaDevices?.enumerateDevices?.()) || []) {
      if (each.deviceId && each.label) found[INPUTS[each.kind]]?.push({ id: each.deviceId, label: each.label });
    }
    return found;
  }

  async function screen() {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
    const [track] = stream.getVideoTracks();
    track.contentHint = "detail";
    return track;
  }

  // Which device is used: the chosen one, if it is there, otherwise that of the track.
  const current = (kind) => tracks[kind]?.getSettings().deviceId || chosen[kind] || "";

  return {
    tracks,
    start,
    stop,
    choose,
    list,
    screen,
    current,
    speaker: () => chosen.speaker || "",
    onSpeaker: (then) => (speakerChosen = then),
    canShare: Boolean(navigator.mediaDevices?.getDisplayMedia),
    canChooseSpeaker: "setSinkId" in HTMLMediaElement.prototype,
    onListChanged: (then) => navigator.mediaDevices?.addEventListener?.("devicechange", then),
  };
}
