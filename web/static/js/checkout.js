// Opens the provider's payment page as soon as its script is there, or says why it did not.
const place = document.getElementById("checkout");
const button = place.querySelector("button");
const meter = place.querySelector("progress");
const sorry = place.querySelector("[role=alert]");

async function go() {
  sorry.hidden = true;
  meter.hidden = false;
  try {
    const cashfree = window.Cashfree({ mode: place.dataset.mode });
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
