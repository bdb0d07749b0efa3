// Elements, times and small parts that several views share. Everything becomes text: nothing here ever makes markup from a string.

/** An element. Attributes beginning with "on" are listeners; false, null and undefined ones are left out; so are such children. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** A span of time in words: "3 days", "5 minutes", "less than a minute". */
export function span(from, to) {
  const seconds = Math.abs(Date.parse(to) - Date.parse(from)) / 1000;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "less than a minute";
}

const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** A point in time, absolute, in UTC. */
export function moment(at) {
  return h("time", { datetime: at }, `${FULL.format(new Date(at))} UTC`);
}

/** A point in time by its distance from now; the absolute one is its title. */
export function ago(at, now) {
  const word = Date.parse(at) > Date.parse(now) ? `in ${span(at, now)}` : `${span(at, now)} ago`;
  return h("time", { datetime: at, title: `${FULL.format(new Date(at))} UTC` }, word);
}

/** A state with its word; the colour only repeats it. */
export function badge(words, kind) {
  return h("span", { class: `badge ${kind}` }, words);
}

/** Tells people who listen instead of looking. */
export function say(text) {
  document.getElementById("voice").textContent = text;
}

/** A box that says what went wrong. */
export function trouble(words) {
  return h("div", { class: "box bad", role: "alert" }, h("p", {}, words));
}

/** A text with a button that copies it. `element` is "input" or "textarea". */
export function copyable(id, label, text, element = "input") {
  const field = element === "input"
    ? h("input", { id, type: "text", readonly: true, value: text })
    : h("textarea", { id, readonly: true, rows: "12" }, text);
  const button = h("button", { class: "button quiet", type: "button", "aria-label": `Copy: ${label}` }, "Copy");
  button.addEventListener("click", async () => {
    field.select();
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copied = document.execCommand("copy");
    }
    say(copied ? "Copied." : "Select the text and copy it.");
    button.textContent = copied ? "Copied" : "Select it";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return h("div", { class: "field" }, h("label", { for: id }, label),
    element === "input" ? h("div", { class: "copy" }, field, button) : [field, h("p", {}, button)]);
}

/** A list of facts; pairs without a value are left out. */
export function facts(pairs) {
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "facts wide" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), " ", h("dd", {}, value))));
}

/** A button that does something slow once at a time, and shows in `place` what went wrong. */
export function act(label, kind, place, work) {
  const button = h("button", { class: `button ${kind}`, type: "button" }, label);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    try {
      await work();
    } catch (fault) {
      place.dispatchEvent(new CustomEvent("fault", { bubbles: true, detail: fault }));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}
