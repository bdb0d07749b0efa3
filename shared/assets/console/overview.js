// Customers: where they stop, and the list of all with stage, turn, health and age.

import { act, badge, h, say, span } from "./elements.js";
import { pages } from "./service.js";

const TURNS = [["", "Anybody"], ["customer_success", "Customer Success"], ["salesforce_admin", "Customer’s Salesforce admin"],
  ["pim_admin", "Customer’s PIM admin"], ["service", "The service"], ["nobody", "Nobody"]];
const HEALTHS = [["", "Any"], ["trouble", "With a problem"], ["good", "Healthy"], ["none", "Not checked yet"]];
const ORDERS = [["new", "Newest first"], ["waiting", "Longest at its stage first"], ["name", "By name"]];

/** What the person chose; it stays while the console is open. */
const chosen = { text: "", turn: "", health: "", order: "new", milestone: null };

/** How many customers are shown at first, and how many more at a time. */
const STEP = 100;
/** How long the search waits for the next letter. */
const PAUSE_MS = 250;

/** What was chosen, as the service is asked for it. */
function query() {
  const asked = { order: chosen.order };
  if (chosen.text.trim()) asked.text = chosen.text.trim();
  if (chosen.turn) asked.who = chosen.turn;
  if (chosen.health) asked.health = chosen.health;
  if (chosen.milestone !== null) asked.milestone = chosen.milestone;
  return asked;
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

/** How many customers there are, in words. */
function counted(found) {
  const only = chosen.milestone === null ? "" : `, who stopped at “${found.funnel[chosen.milestone].milestone}”`;
  const customers = `${found.total} ${found.total === 1 ? "customer" : "customers"}`;
  const words = found.found === found.total ? customers : `${found.found} of ${customers}${only}`;
  const first = found.connections.length < found.found ? `; the first ${found.connections.length} are shown` : "";
  const cut = found.complete ? "" : "; there are more than could be read in time: the operator’s command line lists all of them";
  return words + first + cut;
}

/** The view. */
export function overview() {
  let found = null;
  let shown = "";
  let wanted = STEP;
  let latest = 0;
  let typing;
  const chart = h("div", {});
  const list = h("div", {});
  const count = h("p", { class: "hint" });

  const render = () => {
    const steps = found.funnel;
    chart.replaceChildren(...(steps.length && steps[0].reached ? [funnel(steps, async (at) => {
      chosen.milestone = at;
      await again();
      say(at === null ? "All customers are listed." : `Only customers who stopped at “${steps[at].milestone}” are listed.`);
      chart.querySelectorAll("button[aria-pressed=true]")[0]?.focus();
    })] : [h("p", {}, "As soon as there are customers, this shows how far they come.")]));
    if (found.total === 0) {
      count.textContent = "";
      list.replaceChildren(h("div", { class: "empty stack" }, h("p", {}, "There is no customer yet."),
        h("p", {}, h("a", { class: "button", href: "#/new" }, "Create the first setup link"))));
      return;
    }
    count.textContent = counted(found);
    const more = found.next_cursor && h("p", {}, act("Show more customers", "quiet", element, async () => {
      const before = found.connections.length;
      wanted = before + STEP;
      await get(true);
      // Whoever goes by the keyboard goes on at the first of the new rows.
      list.querySelectorAll("tbody a")[before]?.focus();
    }));
    list.replaceChildren(...(found.connections.length ? [table(found.connections, found.now), more].filter(Boolean) : [h("p", {}, "No customer fits these filters.")]));
  };
  /** Asks for what is wanted now. What comes back after a later question counts no more. */
  const get = async (at_once) => {
    const mine = ++latest;
    const answer = await pages("connections", query(), "connections", wanted);
    if (mine !== latest) return;
    const facts = JSON.stringify({ ...answer, now: "" });
    found = answer;
    // Whoever is on a link or a button of the lists is not pulled away from it.
    const busy = list.contains(document.activeElement) || chart.contains(document.activeElement);
    if (!at_once && (facts === shown || (shown && busy))) return;
    shown = facts;
    render();
  };
  const again = async () => {
    wanted = STEP;
    try {
      await get(true);
    } catch (fault) {
      element.dispatchEvent(new CustomEvent("fault", { bubbles: true, detail: fault }));
    }
  };
  const search = h("input", { id: "filter-text", type: "search", value: chosen.text, autocomplete: "off" });
  search.addEventListener("input", () => {
    chosen.text = search.value;
    clearTimeout(typing);
    typing = setTimeout(again, PAUSE_MS);
  });

  const element = h("div", { class: "stack-wide" },
    h("div", { class: "title-row" }, h("h1", {}, "Customers"), h("a", { class: "button", href: "#/new" }, "New setup link")),
    h("section", { class: "card", "aria-labelledby": "funnel-title" }, h("h2", { id: "funnel-title" }, "How far customers come"), chart),
    h("section", { class: "card", "aria-labelledby": "list-title" }, h("h2", { id: "list-title" }, "All customers"),
      h("div", { class: "filters" },
        h("div", { class: "field" }, h("label", { for: "filter-text" }, "Search"), search),
        select("filter-turn", "Whose turn", TURNS, "turn", again),
        select("filter-health", "Health", HEALTHS, "health", again),
        select("filter-order", "Order", ORDERS, "order", again)),
      count, list));
  return { element, load: () => get(false) };
}
