// The controls of a call, and what is shown beside the pictures.

import { siteNow } from "./time.js";

// `actions` by the name of their button.
export function openControls(root, actions, { canShare }) {
  const bar = root.querySelector("[data-controls]");
  const beside = root.querySelector("[data-beside]");
  const panels = {
    settings: root.querySelector("[data-settings]"),
    chat: root.querySelector("[data-chat-panel]"),
    pad: root.querySelector("[data-pad-panel]"),
  };
  const button = (name) => bar.querySelector(`[data-do="${name}"]`);
  const said = root.querySelector("[data-said]");
  const say = (text) => (said.textContent = text);

  // One panel at a time; the same button closes it.
  function toggle(name, open = panels[name].hidden) {
    for (const [each, panel] of Object.entries(panels)) {
      panel.hidden = each !== name || !open;
      button(each).setAttribute("aria-expanded", String(!panel.hidden));
    }
    beside.hidden = !open;
    root.classList.toggle("with-panel", open);
    root.classList.toggle("with-pad", open && name === "pad");
    if (open) panels[name].querySelector("select:enabled, textarea, .cm-content")?.focus();
  }
  root.addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (name in panels) toggle(name);
    else actions[name]?.();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !beside.hidden && !event.target.closest("[data-keeps-escape]")) {
      const open = Object.keys(panels).find((name) => !panels[name].hidden);
      toggle(open, false);
      button(open).focus();
    }
  });
  button("screen").hidden = !canShare;
  button("full").hidden = !document.fullscreenEnabled;
  button("pip").hidden = !document.pictureInPictureEnabled;
  for (const name of Object.keys(panels)) button(name).setAttribute("aria-expanded", "false");
  setInterval(switchClocks, 1000);
  switchClocks();

  // Until the start, until the end, and then until the room closes.
  function switchClocks() {
    const clocks = [...root.querySelectorAll("[data-until]")];
    const shown = clocks.find((each) => Date.parse(each.dataset.countdown) > siteNow()) || clocks.at(-1);
    for (const each of clocks) each.hidden = each !== shown;
  }

  return {
    say,
    show: () => (bar.hidden = false),
    hide() {
      bar.hidden = true;
      for (const name of Object.keys(panels)) if (!panels[name].hidden) toggle(name, false);
    },
    openSettings: () => toggle("settings", true),
    announceScreen(shares) {
      if (root.classList.contains("sees-screen") === shares) return;
      say(shares ? "A screen is shared." : "The screen is no longer shared.");
      root.classList.toggle("sees-screen", shares);
    },
    set({ microphone, camera, screen }) {
      for (const [name, on] of Object.entries({ microphone, camera, screen: !screen })) {
        button(name).setAttribute("aria-pressed", String(on));
      }
    },
  };
}
