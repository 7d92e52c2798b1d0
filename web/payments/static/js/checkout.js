// Opens the provider's payment page with the module of its adapter, or shows an error.
// The page has already loaded the module with its checksum; the import here reuses it.
const place = document.getElementById("checkout");
const button = place.querySelector("button");
const meter = place.querySelector("progress");
const failure = place.querySelector("[role=alert]");

async function go() {
  failure.hidden = true;
  meter.hidden = false;
  try {
    const provider = await import(place.dataset.module);
    await provider.open(place.dataset.session, JSON.parse(place.dataset.parameters));
  } catch {
    failure.hidden = false;
    meter.hidden = true;
  }
}

button.hidden = false;
button.addEventListener("click", go);
go();
