// A new setup link: the form, and what to send to the customer.

import { copyable, h, moment, say, trouble } from "./elements.js";
import { LoggedOut, ask } from "./service.js";

/** The link of an answer, ready to copy, with a letter around it in each language. It is shown once. */
export function handOver(made) {
  const letters = made.letters ?? [];
  const language = h("select", { id: "letter-language" }, letters.map((letter, at) => h("option", { value: String(at) }, letter.language)));
  const place = h("div", { class: "stack" });
  const write = () => {
    const letter = letters[Number(language.value)];
    if (!letter) return;
    place.replaceChildren(copyable("letter-subject", "Subject", letter.subject), copyable("letter-body", "Text", letter.body, "textarea"));
  };
  language.addEventListener("change", write);
  write();
  return h("section", { class: "next done", "aria-labelledby": "link-title" },
    h("h2", { id: "link-title", tabindex: "-1" }, `The setup link for ${made.customer}`),
    h("p", {}, "Copy it now: it is shown only once, because only its fingerprint is stored. A lost link is replaced by a new one. It works until ",
      moment(made.expires_at), "."),
    copyable("made-link", "Setup link", made.link),
    letters.length > 0 && h("details", { class: "fold" }, h("summary", {}, "E-mail to send"),
      h("div", { class: "field" }, h("label", { for: "letter-language" }, "Language"), language), place),
    h("p", {}, h("a", { href: `#/connection/${made.connection}` }, "Follow this customer")));
}

function choice(name, value, words, hint, checked) {
  return h("label", { class: "choice" }, h("input", { type: "radio", name, value, checked }),
    h("span", {}, words, hint && h("span", { class: "hint" }, hint)));
}

/** The view. */
export function invite() {
  const place = h("div", {});
  const customer = h("input", { id: "customer", name: "customer", type: "text", required: true, maxlength: "200", autocomplete: "off" });
  const host = h("input", { id: "pim-host", name: "pim_host", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "pim-host-hint" });
  const days = h("select", { id: "days", name: "expires_in_days" },
    [[7, "7 days"], [14, "14 days"], [30, "30 days"], [90, "90 days"]].map(([value, words]) => h("option", { value: String(value), selected: value === 14 }, words)));
  const button = h("button", { class: "button", type: "submit" }, "Create the setup link");
  const form = h("form", { class: "card stack", novalidate: true },
    h("div", { class: "field" }, h("label", { for: "customer" }, "Customer"), customer),
    h("fieldset", {}, h("legend", {}, "Salesforce org"),
      choice("org_type", "", "Any", null, true),
      choice("org_type", "production", "Production only", null, false),
      choice("org_type", "sandbox", "Sandbox only", null, false)),
    h("div", { class: "field" }, h("label", { for: "pim-host" }, "Only this Akeneo PIM (optional)"),
      h("p", { class: "hint", id: "pim-host-hint" }, "Its host name, such as acme.cloud.akeneo.com. Another PIM is then refused."), host),
    h("div", { class: "field" }, h("label", { for: "days" }, "The link works for"), days),
    h("p", {}, button));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) return;
    if (!customer.value.trim()) {
      place.replaceChildren(trouble("Enter the customer’s name."));
      customer.setAttribute("aria-invalid", "true");
      customer.focus();
      return;
    }
    customer.removeAttribute("aria-invalid");
    button.setAttribute("aria-disabled", "true");
    const body = { customer: customer.value, expires_in_days: Number(days.value) };
    // A pasted address is taken for its host.
    const typed = host.value.trim().replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
    const kind = new FormData(form).get("org_type");
    if (typed) body.pim_host = typed;
    if (kind) body.org_type = kind;
    try {
      const made = await ask("invitations", body);
      const handed = handOver(made);
      place.replaceChildren();
      form.replaceWith(handed, h("p", {}, h("button", { class: "button quiet", type: "button", onclick: () => { window.dispatchEvent(new Event("hashchange")); } }, "Create another one")));
      handed.querySelector("h2").focus();
      say("The setup link was created.");
    } catch (error) {
      if (error instanceof LoggedOut) form.dispatchEvent(new CustomEvent("fault", { bubbles: true, detail: error }));
      else place.replaceChildren(trouble(error.message));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return {
    element: h("div", { class: "stack-wide" }, h("h1", {}, "New setup link"),
      h("p", { class: "lead" }, "The customer opens the link and is led through the whole setup. You see here how far they are and whose turn it is."), place, form),
  };
}
