// Logging in with OpenID Connect: authorization code flow with PKCE (RFC 7636) for a client without a secret.
//
// The token is kept in this tab's sessionStorage: it survives a reload and ends with the tab. There is no refresh token; when
// the token has expired, the person logs in again, which the provider usually answers without a question.

const TOKEN = "console-token";
const TRIP = "console-trip";

let known;

/** The login that the service is configured with, and what the provider says about itself (OpenID Connect Discovery). */
async function provider() {
  if (known) return known;
  const config = await (await fetch("/console/config.json", { cache: "no-store" })).json();
  const place = `${config.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(place, { credentials: "omit" });
  if (!answer.ok) throw new Error(`the identity provider answers ${answer.status}`);
  const document = await answer.json();
  if (document.issuer !== config.issuer) throw new Error("the identity provider calls itself by another name than the configured one");
  known = { ...config, document };
  return known;
}

const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const random = () => encode(crypto.getRandomValues(new Uint8Array(32)));
const home = () => new URL("/console", location.origin).href;

function claims(token) {
  const bytes = atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0))));
}

/** The token of the person who is logged in, or null. */
export function token() {
  const kept = sessionStorage.getItem(TOKEN);
  if (!kept) return null;
  if (claims(kept).exp * 1000 > Date.now()) return kept;
  sessionStorage.removeItem(TOKEN);
  return null;
}

/** The person forgets to have been logged in. */
export function forget() {
  sessionStorage.removeItem(TOKEN);
}

/** Leaves for the provider's login. Comes back to the place in the console where the person was. */
export async function logIn() {
  const { document, client_id } = await provider();
  const trip = { state: random(), nonce: random(), verifier: random(), place: location.hash };
  sessionStorage.setItem(TRIP, JSON.stringify(trip));
  const challenge = encode(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(trip.verifier)));
  const url = new URL(document.authorization_endpoint);
  const parameters = {
    response_type: "code", client_id, redirect_uri: home(), scope: "openid email", state: trip.state, nonce: trip.nonce,
    code_challenge: challenge, code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Takes what the provider sent the browser back with out of the address bar, and exchanges it. Throws in words. */
export async function arrive() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) return;
  const trip = JSON.parse(sessionStorage.getItem(TRIP) ?? "null");
  sessionStorage.removeItem(TRIP);
  history.replaceState(null, "", `/console${trip?.place ?? ""}`);
  if (trip?.state !== answer.get("state")) throw new Error("The login does not belong to this tab. Log in again.");
  if (answer.has("error")) {
    throw new Error(answer.get("error") === "access_denied"
      ? "The identity provider did not let you in. Ask whoever manages access to this console."
      : `The identity provider refused the login (${answer.get("error")}). Tell the operator of this service.`);
  }
  const { document, issuer, client_id } = await provider();
  if (answer.has("iss") && answer.get("iss") !== issuer) throw new Error("The login came from another provider. Log in again.");
  const body = new URLSearchParams({
    grant_type: "authorization_code", code: answer.get("code"), redirect_uri: home(), client_id, code_verifier: trip.verifier,
  });
  const given = await fetch(document.token_endpoint, { method: "POST", body, credentials: "omit" });
  if (!given.ok) throw new Error("The identity provider did not complete the login. Log in again.");
  const { id_token } = await given.json();
  const said = claims(id_token);
  if (said.nonce !== trip.nonce || said.iss !== issuer || ![].concat(said.aud).includes(client_id)) {
    throw new Error("The identity provider’s answer belongs to another login. Log in again.");
  }
  sessionStorage.setItem(TOKEN, id_token);
}

/** Logs out here, and at the provider where it offers that. */
export async function logOut() {
  forget();
  const end = (await provider()).document.end_session_endpoint;
  if (!end) return location.assign("/console");
  const url = new URL(end);
  url.searchParams.set("post_logout_redirect_uri", home());
  url.searchParams.set("client_id", known.client_id);
  location.assign(url);
}
