/* Stands in for the browser script of Cashfree: checkout() leads to the simulated page. */
"use strict";

window.Cashfree = function Cashfree() {
  const pages = {{ checkout|tojson }};

  return {
    checkout({ paymentSessionId, redirectTarget = "_self" }) {
      const page = pages + encodeURIComponent(paymentSessionId);
      if (redirectTarget === "_blank") {
        window.open(page, "_blank", "noopener");
      } else if (redirectTarget === "_top") {
        window.top.location.assign(page);
      } else {
        window.location.assign(page);
      }
      return Promise.resolve({ redirect: true });
    },
  };
};
