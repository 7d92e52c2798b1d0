// Opens the provider's payment page by its adapter's module, or says why it did not open.
// The page has loaded the module already, with its checksum: importing it here finds that one.
const place = document.getElementById("checkout");
const button = place.querySelector("button");
const meter = place.querySelector("progress");
const sorry = place.querySelector("[role=alert]");

async function go() {
  sorry.hidden = true;
  meter.hidden = false;
  try {
    const provider = await import(place.dataset.module);
    await provider.open(place.dataset.session, JSON.parse(place.dataset.parameters));
  } catch {
    sorry.hidden = false;
    meter.hidden = true;
  }
}

button.hidden = false;
button.addEventListener("click", go);
go();
