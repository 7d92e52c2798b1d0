// Fetches the provider's script and opens its payment page, or says why it did not open.
// The provider changes its script as it likes, so no checksum can stand in the page: this module,
// which the page trusts, brings it along.
const place = document.getElementById("checkout");
const button = place.querySelector("button");
const meter = place.querySelector("progress");
const sorry = place.querySelector("[role=alert]");

function provider() {
  return new Promise((resolve, reject) => {
    if (window.Cashfree) return resolve(window.Cashfree);
    const script = Object.assign(document.createElement("script"), { src: place.dataset.script });
    script.addEventListener("load", () => resolve(window.Cashfree));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

async function go() {
  sorry.hidden = true;
  meter.hidden = false;
  try {
    const Cashfree = await provider();
    const cashfree = Cashfree({ mode: place.dataset.mode });
    const result = await cashfree.checkout({ paymentSessionId: place.dataset.checkout, redirectTarget: "_self" });
    if (result?.error) throw result.error;
  } catch {
    sorry.hidden = false;
    meter.hidden = true;
  }
}

button.hidden = false;
button.addEventListener("click", go);
go();
