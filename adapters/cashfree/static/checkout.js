// Fetches Cashfree's browser script and opens the payment page of one session.
// Cashfree changes its script as it likes, so no checksum can stand in the page: this module,
// which the page trusts, brings it along.

function load(source) {
  return new Promise((resolve, reject) => {
    if (window.Cashfree) return resolve(window.Cashfree);
    const script = Object.assign(document.createElement("script"), { src: source });
    script.addEventListener("load", () => resolve(window.Cashfree));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

export async function open(session, { script, mode }) {
  const Cashfree = await load(script);
  const cashfree = Cashfree({ mode });
  const result = await cashfree.checkout({ paymentSessionId: session, redirectTarget: "_self" });
  if (result?.error) throw result.error;
}
