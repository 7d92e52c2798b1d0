// Shows what the developer receives of a price while it is typed.
const input = document.querySelector("[data-fee]");
const hint = document.getElementById("rate-hint");
const rupees = new Intl.NumberFormat("en-IN", { style: "currency", currency: "INR" });

input?.addEventListener("input", () => {
  const price = Math.round(Number(input.value.replace(/[₹,\s]/g, "")) * 100);
  const fee = (price * Number(input.dataset.fee)) / 100;
  // Half a paisa is rounded to the even side, as on the server.
  const whole = Math.abs(fee % 1) === 0.5 ? 2 * Math.round(fee / 2) : Math.round(fee);
  hint.textContent = price > 0
    ? `You receive ${rupees.format((price - whole) / 100)} of each hour after the ${input.dataset.fee}\u00a0% fee.`
    : `Our fee of ${input.dataset.fee}\u00a0% is included in the price.`;
});
