// The console of Customer Success: who is logged in, which view is shown. Views render into <main>; the place is in the fragment.

import { connection } from "./connection.js";
import { h, say, trouble } from "./elements.js";
import { invite } from "./invite.js";
import { arrive, logIn, logOut, token } from "./login.js";
import { overview } from "./overview.js";
import { LoggedOut, ask } from "./service.js";

/** How soon the facts behind a view are asked for again, while it is looked at; and not sooner than so many times what asking took. */
const EVERY_MS = 5000;
const TIMES = 10;

const main = document.getElementById("content");
const places = document.querySelector("nav.places");
let turn = 0;
let timer;

function show(title, ...children) {
  document.title = `${title} – Console – Connector Setup`;
  main.replaceChildren(...children);
}

function loginPage(words, lead) {
  clearTimeout(timer);
  turn += 1;
  places.hidden = true;
  const button = h("button", { class: "button", type: "button" }, "Log in");
  const place = h("div", {});
  button.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true");
    try {
      await logIn();
    } catch (fault) {
      button.removeAttribute("aria-disabled");
      const why = fault instanceof TypeError ? "it does not answer" : fault.message;
      place.replaceChildren(trouble(`The login cannot be started: ${why}. Try again; if that does not help, tell the operator of this service.`));
    }
  });
  show("Log in", h("section", { class: "card message stack" }, h("h1", {}, words), h("p", { class: "lead" }, lead), place, h("p", {}, button)));
}

/** What a view could not do. */
function fault(error, place) {
  if (error instanceof LoggedOut) {
    loginPage("Your login has ended", "Log in again to go on where you were.");
    main.focus();
    return;
  }
  place.replaceChildren(trouble(error.message));
}

function view() {
  const path = location.hash.replace(/^#\/?/, "").split("/");
  if (path[0] === "new") return { place: "new", title: "New setup link", make: invite };
  if (path[0] === "connection" && /^[0-9a-f]{1,64}$/.test(path[1] ?? "")) return { title: "Connection", make: () => connection(path[1]) };
  return { place: "overview", title: "Customers", make: overview };
}

/** Shows the view of the address. A view is { element, load?, title? }; `load` is asked for again while the view is shown. */
async function go(focus) {
  if (!token()) return loginPage("Console for Customer Success", "Log in with your company account to create setup links and to see where your customers are.");
  clearTimeout(timer);
  const mine = ++turn;
  const chosen = view();
  for (const link of places.querySelectorAll("a")) {
    if (link.dataset.place === chosen.place) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const notices = h("div", { class: "notices" });
  const made = chosen.make();
  made.element.addEventListener("fault", (event) => fault(event.detail, notices));
  show(chosen.title, notices, made.element);
  places.hidden = false;
  if (focus) main.focus();
  if (!made.load) return;
  const load = async () => {
    try {
      await made.load();
      if (mine === turn) notices.replaceChildren();
    } catch (error) {
      if (mine === turn) fault(error, notices);
    }
  };
  const round = async () => {
    const began = performance.now();
    if (!document.hidden) await load();
    const pause = Math.max(EVERY_MS, TIMES * (performance.now() - began));
    if (mine === turn) timer = setTimeout(round, pause);
  };
  await round();
}

async function start() {
  places.querySelector("[data-act=log-out]").addEventListener("click", () => logOut());
  window.addEventListener("hashchange", () => go(true));
  try {
    await arrive();
  } catch (error) {
    const words = error instanceof TypeError ? "The identity provider does not answer. Log in again." : error.message;
    return loginPage("You are not logged in", words);
  }
  if (token()) {
    try {
      places.querySelector(".me").textContent = (await ask("me")).name;
    } catch (error) {
      if (error instanceof LoggedOut) return loginPage("Your login is not accepted", "This service does not take the login that your identity provider gave. Log in again; if that does not help, tell the operator of this service.");
      say(error.message);
    }
  }
  await go(false);
}

start();
