// Asking the service: every call carries the person's token; what is refused is thrown in words.

import { forget, token } from "./login.js";

/** The login has ended, or the service does not accept it. */
export class LoggedOut extends Error {}

/** Calls the console's interface and gives back what it answers. */
export async function ask(path, body) {
  const held = token();
  if (!held) throw new LoggedOut();
  const options = { method: body === undefined ? "GET" : "POST", cache: "no-store", credentials: "omit", redirect: "error" };
  options.headers = { authorization: `Bearer ${held}` };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/console/api/${path}`, options);
  } catch {
    throw new Error("The service does not answer. Check your network, then try again.");
  }
  if (answer.status === 401) {
    forget();
    throw new LoggedOut();
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const faults = (said.faults ?? []).join("; ");
  const reference = said.reference ? ` Reference: ${said.reference}.` : "";
  if (answer.status === 403) throw new Error("Your account may not use this console. Ask whoever manages access to it.");
  throw new Error(`${capital(faults || said.detail || `The service answers ${answer.status}`)}.${reference}`);
}

/** The most rows that the service answers with at once. */
const MOST = 500;

/**
 * The rows `name` of a list, page by page, until there are `wanted` of them or the list ends. `first` is what the first page is, if it
 * is known already. Gives back the first page with all the rows in it, and in `next_cursor` where the list goes on.
 */
export async function pages(path, query, name, wanted, first) {
  const whole = first ?? { [name]: [] };
  let asked = first !== undefined;
  while (!asked || (whole.next_cursor && whole[name].length < wanted)) {
    const limit = Math.min(MOST, Math.max(1, wanted - whole[name].length));
    const cursor = whole.next_cursor ? { cursor: whole.next_cursor } : {};
    const page = await ask(`${path}?${new URLSearchParams({ ...query, limit, ...cursor })}`);
    const rows = [...whole[name], ...page[name]];
    // Facts beside the rows are those of the first page.
    if (asked) whole.next_cursor = page.next_cursor;
    else Object.assign(whole, page);
    whole[name] = rows;
    asked = true;
  }
  return whole;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
