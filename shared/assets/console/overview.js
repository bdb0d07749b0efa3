// Customers: where they stop, and the list of all with stage, turn, health and age.

import { badge, h, say, span } from "./elements.js";
import { ask } from "./service.js";

const TURNS = [["", "Anybody"], ["customer_success", "Customer Success"], ["salesforce_admin", "Customer’s Salesforce admin"],
  ["pim_admin", "Customer’s PIM admin"], ["service", "The service"], ["nobody", "Nobody"]];
const HEALTHS = [["", "Any"], ["trouble", "With a problem"], ["good", "Healthy"], ["none", "Not checked yet"]];
const ORDERS = [["new", "Newest first"], ["waiting", "Longest at its stage first"], ["name", "By name"]];

/** What the person chose; it stays while the console is open. */
const chosen = { text: "", turn: "", health: "", order: "new", milestone: null };

/** The rows that fit the filters, in order. */
function fitting(rows) {
  const text = chosen.text.trim().toLowerCase();
  const health = (row) => !chosen.health || row.badge === chosen.health || (chosen.health === "trouble" && ["bad", "wait"].includes(row.badge));
  const words = (row) => [row.customer, row.pim, row.org, row.connection, row.stage_words].join(" ").toLowerCase();
  const stopped = (row) => chosen.milestone === null || (row.milestone === chosen.milestone && row.stage !== "revoked");
  const found = rows.filter((row) => words(row).includes(text) && (!chosen.turn || row.who === chosen.turn) && health(row) && stopped(row));
  if (chosen.order === "name") found.sort((one, other) => one.customer.localeCompare(other.customer));
  if (chosen.order === "waiting") found.sort((one, other) => Date.parse(one.since) - Date.parse(other.since));
  return found;
}

function funnel(steps, choose) {
  const all = steps[0].reached;
  const last = steps.length - 1;
  return h("ol", { class: "funnel" }, steps.map((step, at) => {
    const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("span", {}));
    bar.firstChild.style.setProperty("inline-size", `${all === 0 ? 0 : (100 * step.reached) / all}%`);
    const words = at === last ? `${step.stopped} connected` : `${step.stopped} stopped here`;
    const pressed = chosen.milestone === at;
    const stops = step.stopped === 0 ? h("span", { class: "hint" }, at === last ? "" : "none stopped here")
      : h("button", { class: "button link", type: "button", "aria-pressed": String(pressed), onclick: () => choose(pressed ? null : at) }, words);
    return h("li", {}, h("span", { class: "milestone" }, step.milestone), bar, h("span", { class: "count" }, `${step.reached} of ${all}`), " ", stops);
  }));
}

function select(id, label, options, name, changed) {
  const field = h("select", { id }, options.map(([value, words]) => h("option", { value, selected: chosen[name] === value }, words)));
  field.addEventListener("change", () => { chosen[name] = field.value; changed(); });
  return h("div", { class: "field" }, h("label", { for: id }, label), field);
}

function table(rows, now) {
  const cell = (label, ...content) => h("td", { "data-label": label }, ...content);
  const head = ["Customer", "Stage", "Whose turn", "Health", "At this stage"];
  return h("table", { class: "customers" },
    h("caption", { class: "unseen" }, "Customers"),
    h("thead", {}, h("tr", {}, head.map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", {}, rows.map((row) => h("tr", {},
      h("th", { scope: "row" }, h("a", { href: `#/connection/${row.connection}` }, row.customer)),
      cell("Stage", row.stage_words),
      cell("Whose turn", row.turn),
      cell("Health", badge(row.health_words, row.badge)),
      cell("At this stage", h("span", { title: row.since }, `for ${span(row.since, now)}`)),
    ))));
}

/** The view. */
export function overview() {
  let found = { now: new Date().toISOString(), connections: [], funnel: [] };
  let shown = "";
  const chart = h("div", {});
  const list = h("div", {});
  const count = h("p", { class: "hint" });

  const render = () => {
    const rows = fitting(found.connections);
    const total = found.connections.length;
    const steps = found.funnel;
    chart.replaceChildren(...(steps.length && steps[0].reached ? [funnel(steps, (at) => {
      chosen.milestone = at;
      render();
      say(at === null ? "All customers are listed." : `Only customers who stopped at “${steps[at].milestone}” are listed.`);
      chart.querySelectorAll("button[aria-pressed=true]")[0]?.focus();
    })] : [h("p", {}, "As soon as there are customers, this shows how far they come.")]));
    if (total === 0) {
      count.textContent = "";
      list.replaceChildren(h("div", { class: "empty stack" }, h("p", {}, "There is no customer yet."),
        h("p", {}, h("a", { class: "button", href: "#/new" }, "Create the first setup link"))));
      return;
    }
    const only = chosen.milestone === null ? "" : `, who stopped at “${steps[chosen.milestone].milestone}”`;
    count.textContent = rows.length === total ? `${total} ${total === 1 ? "customer" : "customers"}` : `${rows.length} of ${total} customers${only}`;
    if (found.cut_off) count.textContent += "; there are more than are shown here: the operator’s API and command line list all of them";
    list.replaceChildren(rows.length ? table(rows, found.now) : h("p", {}, "No customer fits these filters."));
  };
  const search = h("input", { id: "filter-text", type: "search", value: chosen.text, autocomplete: "off" });
  search.addEventListener("input", () => { chosen.text = search.value; render(); });

  const element = h("div", { class: "stack-wide" },
    h("div", { class: "title-row" }, h("h1", {}, "Customers"), h("a", { class: "button", href: "#/new" }, "New setup link")),
    h("section", { class: "card", "aria-labelledby": "funnel-title" }, h("h2", { id: "funnel-title" }, "How far customers come"), chart),
    h("section", { class: "card", "aria-labelledby": "list-title" }, h("h2", { id: "list-title" }, "All customers"),
      h("div", { class: "filters" },
        h("div", { class: "field" }, h("label", { for: "filter-text" }, "Search"), search),
        select("filter-turn", "Whose turn", TURNS, "turn", render),
        select("filter-health", "Health", HEALTHS, "health", render),
        select("filter-order", "Order", ORDERS, "order", render)),
      count, list));
  return {
    element,
    async load() {
      const answer = await ask("connections");
      const facts = JSON.stringify([answer.connections, answer.funnel]);
      found = answer;
      // Whoever is on a link or a button of the lists is not pulled away from it.
      if (facts === shown || (shown && (list.contains(document.activeElement) || chart.contains(document.activeElement)))) return;
      shown = facts;
      render();
    },
  };
}
