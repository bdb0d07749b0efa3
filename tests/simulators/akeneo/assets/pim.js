// The front end of the simulated PIM: one view for each hash route that the real one has.
"use strict";

const view = document.getElementById("view");
const XHR = { "X-Requested-With": "XMLHttpRequest" };

const ERRORS = {
  "akeneo_connectivity.connection.connect.apps.error.app_not_found": "The app was not found.",
  "akeneo_connectivity.connection.connect.apps.constraint.client_id.not_blank": "The client id is missing.",
  "akeneo_connectivity.connection.connect.apps.constraint.client_id.must_be_valid": "The client id is not valid.",
  "akeneo_connectivity.connection.connect.apps.constraint.client_id.must_have_ongoing_authorization": "No authorization is waiting for this app in this browser session.",
  "akeneo_connectivity.connection.connect.apps.constraint.response_type.not_blank": "The response type is missing.",
  "akeneo_connectivity.connection.connect.apps.constraint.response_type.must_be_code": "The response type must be code.",
  "akeneo_connectivity.connection.connect.apps.constraint.scope.must_be_a_string": "The scope must be a text.",
  "akeneo_connectivity.connection.connect.apps.constraint.scope.too_long": "The scope is too long.",
  "akeneo_connectivity.connection.connect.custom_apps.create_modal.errors.limit_reached": "You have reached the limit of custom apps.",
};

const ENDINGS = {
  required: "This field is required.",
  min_length: "At least 3 characters are needed.",
  max_length: "At most 255 characters are possible.",
  must_be_url: "This must be a URL that starts with http:// or https://.",
};

const FIELDS = { name: "Name", activate_url: "Activate URL", callback_url: "Callback URL" };

// Builds an element; text is never read as HTML.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "onclick" || key === "onsubmit") made[key] = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

const button = (label, onclick, kind) => element("button", { type: "button", class: kind, onclick: guarded(onclick) }, label);
const list = (texts) => element("ul", {}, ...texts.map((text) => element("li", {}, text)));
const paragraph = (text, kind, role) => element("p", { class: kind, role }, text);
const details = (pairs) => element("dl", {}, ...pairs.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
// The words of a translation key; of one that the front end does not know, the last part.
const words = (key) => ERRORS[key] || ENDINGS[key.split(".").pop()] || key;

function show(title, ...content) {
  document.title = `${title} – simulated Akeneo PIM`;
  view.replaceChildren(element("h1", {}, title), ...content.filter((child) => child != null));
}

// A failed action leaves the page as it is and says what happened.
function guarded(action) {
  return async (event) => {
    if (event) event.preventDefault();
    view.querySelectorAll(".error").forEach((old) => old.remove());
    try {
      await action(event);
    } catch (error) {
      view.querySelector("h1").after(paragraph(error.message, "error", "alert"));
    }
  };
}

async function call(method, path, body) {
  const headers = body ? { ...XHR, "Content-Type": "application/json" } : XHR;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (response.redirected && new URL(response.url).pathname === "/user/login") {
    location.assign("/user/login");
    return new Promise(() => {});
  }
  const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
  const answer = isJson ? await response.json() : null;
  if (!response.ok) {
    if (response.status === 403) throw new Error("You are not allowed to do this.");
    const errors = (answer && answer.errors) || [];
    const message = errors.map((error) => [FIELDS[error.propertyPath], words(error.message)].filter(Boolean).join(": ")).join(" ");
    throw new Error(message || (answer && answer.message) || `The PIM answered ${response.status}.`);
  }
  return answer;
}

async function openInNewTab(path) {
  const { url } = await call("GET", path);
  window.open(url, "_blank");
}

function dashboard() {
  show("Activity", paragraph("This is a simulator, not a real PIM.", "notice"),
    element("p", {}, "To connect an app, go to ", element("a", { href: "#/connect" }, "Connect"), "."));
}

function connect() {
  show("Connect", element("ul", {},
    element("li", {}, element("a", { href: "#/connect/app-store" }, "App Store")),
    element("li", {}, element("a", { href: "#/connect/connected-apps" }, "Connected apps"))));
}

async function appStore() {
  const { apps, mayCreate } = await call("GET", "/rest/custom-apps");
  const card = (app) => element("li", { "aria-label": app.name },
    element("h2", {}, app.name),
    details([["Client id", app.id], ["Activate URL", app.activate_url], ["Callback URL", app.callback_url]]),
    app.connected ? paragraph("Connected", "muted") : null,
    app.connected
      ? button("Open", () => openInNewTab(`/rest/apps/connected-apps/${encodeURIComponent(app.connection_code)}/open-app-url`))
      : button("Connect", () => openInNewTab(`/rest/apps/activate/${encodeURIComponent(app.id)}`)),
    mayCreate ? button("Delete", async () => {
      await call("DELETE", `/rest/custom-apps/${encodeURIComponent(app.id)}`);
      await appStore();
    }, "second") : null);
  show("App Store",
    mayCreate ? button("Create an App", createForm) : null,
    apps.length ? element("ul", { class: "cards", "aria-label": "Custom apps" }, ...apps.map(card)) : paragraph("There is no custom app yet.", "muted"),
    element("p", {}, element("a", { href: "#/connect/connected-apps" }, "Connected apps")));
}

function field(id, label, type) {
  return [element("label", { for: id }, label), element("input", { id, name: id, type, required: true, autocomplete: "off" })];
}

async function createForm() {
  const form = element("form", { novalidate: true, "aria-label": "Create an App" },
    ...field("name", "Name", "text"), ...field("activate_url", "Activate URL", "url"), ...field("callback_url", "Callback URL", "url"),
    element("button", { type: "submit" }, "Create"), button("Cancel", appStore, "second"));
  form.onsubmit = guarded(async () => {
    const value = (name) => form.elements[name].value.trim();
    const created = await call("POST", "/rest/custom-apps",
      { name: value("name"), activateUrl: value("activate_url"), callbackUrl: value("callback_url") });
    credentials(value("name"), created);
  });
  show("Create an App", form);
  form.elements.name.focus();
}

function readOnly(id, label, value) {
  return [element("label", { for: id }, label), element("input", { id, readonly: true, value })];
}

function credentials(name, { clientId, clientSecret }) {
  show("App created", element("section", { class: "card", "aria-label": name },
    paragraph("Copy these values now. The secret is not shown again.", "notice"),
    ...readOnly("client_id", "Client id", clientId), ...readOnly("client_secret", "Client secret", clientSecret)),
  button("Done", appStore));
}

async function connectedApps() {
  const apps = await call("GET", "/rest/apps/connected-apps");
  const card = (app) => {
    const code = encodeURIComponent(app.connection_code);
    return element("li", { "aria-label": app.name },
      element("h2", {}, app.name),
      app.is_pending ? paragraph("The app never retrieved its access token.", "notice") : null,
      app.has_outdated_scopes ? paragraph("The app asks for new authorizations. Open it to grant them.", "notice") : null,
      list(app.scope_messages),
      button("Open", () => openInNewTab(`/rest/apps/connected-apps/${code}/open-app-url`)),
      app.is_custom_app ? button("Regenerate secret", async () => {
        const secret = await call("POST", `/rest/custom-apps/${encodeURIComponent(app.id)}/secret`);
        credentials(app.name, { clientId: app.id, clientSecret: secret });
        view.querySelector("h1").textContent = "Secret regenerated";
      }, "second") : null,
      button("Disconnect", async () => {
        await call("DELETE", `/rest/apps/connected-apps/${code}`);
        await connectedApps();
      }, "danger"));
  };
  show("Connected apps",
    apps.length ? element("ul", { class: "cards", "aria-label": "Connected apps" }, ...apps.map(card)) : paragraph("No app is connected.", "muted"),
    element("p", {}, element("a", { href: "#/connect/app-store" }, "App Store")));
}

const toAppStore = () => { location.hash = "#/connect/app-store"; };

// The consent screen. Cancel goes to the app store and tells the app nothing.
async function authorize(query) {
  const clientId = query.get("client_id");
  if (query.get("error") || !clientId) {
    show("The app cannot be authorized",
      paragraph(words(query.get("error") || "akeneo_connectivity.connection.connect.apps.error.app_not_found"), "error", "alert"),
      element("p", {}, element("a", { href: "#/connect/app-store" }, "App Store")));
    return;
  }
  const app = await call("GET", `/rest/apps/load-wizard-data/${encodeURIComponent(clientId)}`);
  const confirm = async () => {
    const { redirectUrl } = await call("POST", `/rest/apps/confirm-authorization/${encodeURIComponent(clientId)}`);
    location.assign(redirectUrl);
  };
  const title = `${app.appName} would like to be able to:`;
  const cancel = button("Cancel", toAppStore, "second");
  const steps = [
    () => show(title, list(app.scopeMessages),
      app.scopeMessages.length ? null : paragraph("See the version and the edition of this PIM only.", "muted"),
      app.oldScopeMessages.length ? element("h2", {}, "Already granted") : null,
      app.oldScopeMessages.length ? list(app.oldScopeMessages) : null,
      app.authenticationScopes.length ? element("h2", {}, "About you") : null,
      app.authenticationScopes.length ? list(app.authenticationScopes) : null),
  ];
  if (app.permissionStep) {
    steps.push(() => show("Permissions", paragraph("The app may see and edit all categories, locales and attribute groups.")));
    steps.push(() => show("Summary", paragraph("Confirm to connect the app with these permissions.")));
  }
  const step = (index) => {
    steps[index]();
    if (app.userDecision === "never_answer") return;
    view.append(index + 1 < steps.length ? button("Next", async () => step(index + 1)) : button("Confirm", confirm), cancel);
  };
  step(0);
  if (app.userDecision === "accept") await confirm();
  if (app.userDecision === "cancel") toAppStore();
}

async function authenticate(query) {
  const clientId = query.get("client_id") || "";
  const app = await call("GET", `/rest/apps/load-wizard-data/${encodeURIComponent(clientId)}`);
  show(`${app.appName} would like to be able to:`, list(app.authenticationScopes),
    button("Confirm", async () => {
      const { redirectUrl } = await call("POST", `/rest/apps/confirm-authentication/${encodeURIComponent(clientId)}`);
      location.assign(redirectUrl);
    }),
    button("Cancel", toAppStore, "second"));
}

const ROUTES = {
  "/connect": connect,
  "/connect/app-store": appStore,
  "/connect/connected-apps": connectedApps,
  "/connect/apps/authorize": authorize,
  "/connect/apps/authenticate": authenticate,
};

async function route() {
  const [path, query] = location.hash.replace(/^#/, "").split("?");
  show("Loading…");
  await guarded(() => (ROUTES[path] || dashboard)(new URLSearchParams(query || "")))();
}

window.addEventListener("hashchange", route);
route();
