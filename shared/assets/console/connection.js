// One customer: where it stands, what can be done, and everything that happened.

import { act, ago, badge, facts, h, moment, say, span } from "./elements.js";
import { handOver } from "./invite.js";
import { ask, pages } from "./service.js";

const KINDS = { production: "Production only", sandbox: "Sandbox only" };

function timeline(entries, now) {
  return h("ol", { class: "timeline" }, entries.map((entry) => h("li", {},
    h("span", { class: "when" }, ago(entry.at, now)),
    h("span", {}, entry.words, entry.by && h("span", { class: "hint" }, ` by ${entry.by}`),
      entry.reference && h("span", { class: "hint" }, " · ", h("code", { title: "Reference: the service’s logs have it" }, entry.reference))))));
}

/** How many entries more are shown at a time. */
const STEP = 100;

function summary(found) {
  const kind = found.stage === "connected" ? "done" : found.who === "service" ? "waiting" : "turn";
  return h("section", { class: `next ${kind}`, "aria-labelledby": "stage-title" },
    h("p", { class: "who-pill" }, `Turn: ${found.turn}`),
    h("h2", { id: "stage-title" }, found.stage_words),
    h("p", {}, found.what),
    h("p", {}, badge(found.health_words, found.badge)));
}

/** The view of the connection with this id. */
export function connection(id) {
  let found = null;
  let shown = "";
  let wanted = 0;
  const title = h("h1", {}, "Customer");
  const top = h("div", {}, h("p", {}, "Loading…"));
  const handed = h("div", {});
  const about = h("div", {});
  const history = h("div", {});
  const acts = h("section", { class: "card stack", "aria-labelledby": "acts-title", hidden: true });

  const render = () => {
    title.textContent = found.customer;
    document.title = `${found.customer} – Console – Connector Setup`;
    top.replaceChildren(summary(found));
    about.replaceChildren(facts([
      ["Created", ago(found.created_at, found.now)],
      ["Link opened", found.opened_at ? ago(found.opened_at, found.now) : "Not yet"],
      ["Link works until", found.expires_at ? moment(found.expires_at) : "There is no valid link"],
      ["At this stage", `for ${span(found.since, found.now)}`],
      ["Last check", found.checked_at ? ago(found.checked_at, found.now) : "None yet"],
      ["Salesforce org", found.org],
      ["Akeneo PIM", found.pim],
      ["Only this PIM", found.pim_host],
      ["Only this type of org", KINDS[found.org_type]],
      ["Connection ID", h("code", {}, found.connection)],
    ]));
    const older = found.next_cursor && h("p", {}, act("Show older entries", "quiet", history, async () => {
      wanted = found.timeline.length + STEP;
      await load();
      say("Older entries are shown.");
    }));
    history.replaceChildren(timeline(found.timeline, found.now), ...[older].filter(Boolean));
    for (const [name, wanted] of [["check", found.can_check], ["pause", found.can_pause], ["resume", found.can_resume], ["revoke", found.stage !== "revoked"]]) {
      const part = acts.querySelector(`[data-act=${name}]`);
      if (part) part.hidden = !wanted;
    }
    acts.hidden = false;
  };
  const take = (answer) => {
    found = answer;
    const now = JSON.stringify({ ...answer, now: "" });
    if (now === shown) return;
    shown = now;
    render();
  };
  /** With as many entries as are wanted; the first ones come with the customer. */
  const whole = (answer) => pages(`connections/${id}/timeline`, {}, "timeline", wanted, answer);
  const load = async () => take(await whole(await ask(`connections/${id}`)));
  const post = (name, done) => async () => {
    const answer = await ask(`connections/${id}/${name}`, {});
    if (answer.timeline) take(await whole(answer));
    say(done);
    return answer;
  };

  const again = act("Create a new link", "quiet", acts, async () => {
    const made = await post("resend", "A new link was created; the former one no longer works.")();
    handed.replaceChildren(handOver(made));
    handed.querySelector("h2").focus();
    await load();
  });
  const part = (name, words, button) => h("div", { class: "act", "data-act": name }, h("p", {}, words), h("p", {}, button));
  acts.append(
    h("h2", { id: "acts-title" }, "What you can do"),
    part("check", "Look at both sides again, now.", act("Check again", "quiet", acts, post("check", "Both sides are being looked at again."))),
    part("resend", "Send a new link to the same setup. The former link stops working, what was done stays.", again),
    part("pause", "Pause the regular checks and repairs. Nothing is lost; transfers go on.", act("Pause", "quiet", acts, post("pause", "The connection is paused."))),
    part("resume", "It is paused: nothing is checked or repaired.", act("Resume", "quiet", acts, post("resume", "The connection is checked again."))),
    h("details", { class: "fold", "data-act": "revoke" }, h("summary", {}, "Revoke"),
      h("p", {}, "Every link and session of this customer stops working at once, and nothing is checked or repaired any more. The settings in Salesforce and Akeneo stay. A new link takes it up again."),
      h("p", {}, act("Revoke this connection", "danger", acts, post("revoke", "The connection was revoked.")))));

  return {
    element: h("div", { class: "stack-wide" },
      h("p", {}, h("a", { href: "#/" }, "All customers")), title, top, handed,
      h("div", { class: "columns" },
        h("section", { class: "card", "aria-labelledby": "facts-title" }, h("h2", { id: "facts-title" }, "Facts"), about), acts),
      h("section", { class: "card", "aria-labelledby": "history-title" }, h("h2", { id: "history-title" }, "What happened"), history)),
    load,
  };
}
