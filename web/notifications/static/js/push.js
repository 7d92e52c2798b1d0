// Messages to this browser: turned on and off by a button. The browser asks only after a click.
const card = document.querySelector("[data-push]");
const button = card?.querySelector("button");
const status = card?.querySelector("[role=status]");
const WORKER = "/service-worker.js";

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
};

async function tell(method, body) {
  const response = await fetch(card.dataset.push, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": card.dataset.token },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration?.pushManager.getSubscription();
}

function show(on) {
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("span").textContent = on ? "Turn off for this browser" : "Turn on for this browser";
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") {
    status.textContent = "Your browser does not allow it. You can change that in its settings for this site.";
    return;
  }
  await navigator.serviceWorker.register(WORKER);
  const { pushManager } = await navigator.serviceWorker.ready;
  const key = bytes(card.dataset.key);
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  await tell("POST", { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } });
  show(true);
  status.textContent = "This browser gets messages now.";
}

async function turnOff(subscription) {
  await tell("DELETE", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
  show(false);
  status.textContent = "This browser gets no messages any more.";
}

async function pressed() {
  button.disabled = true;
  status.textContent = "";
  try {
    const subscription = await current();
    await (subscription ? turnOff(subscription) : turnOn());
  } catch {
    status.textContent = "That did not work. Try again in a moment.";
  }
  button.disabled = false;
}

if (card && "serviceWorker" in navigator && "PushManager" in window) {
  card.hidden = false;
  button.addEventListener("click", pressed);
  current().then((subscription) => show(Boolean(subscription)), () => {});
}
