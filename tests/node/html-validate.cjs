/* Rules for the pages of the site: the recommended ones of html-validate. What differs has a reason. */
module.exports = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // "<!doctype html>": HTML ignores the case, and the templates use one of them.
    "doctype-style": ["error", { style: "lowercase" }],
    // Lines of templates that hold only a condition leave spaces.
    "no-trailing-whitespace": "off",
    // Several checkboxes of one name are the usual form of a choice of several values.
    "form-dup-name": ["error", { shared: ["radio", "button", "reset", "submit", "checkbox"] }],
    // WAI-ARIA 1.2 allows names of lists.
    "aria-label-misuse": ["error", { allowAnyNamable: true }],
    // An input without a type is a field for text; the page of hours has many and must be small.
    "no-implicit-input-type": "off",
    // Titles contain names, which have up to 80 characters.
    "long-title": "off",
    // Without scripts, the page after a payment asks again after a few seconds.
    "meta-refresh": "off",
  },
};
