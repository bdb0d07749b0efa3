// What people do on the way, by clicking: pages of the service, of the PIM and of the org. Shared by the journeys.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertAccessible } from "./accessibility.mjs";

const SCREENS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", ".tools", "screens");
export const WIRED_MS = 60_000;

/** A new link from the operator's API and a fresh org, so that journeys share neither a connection nor an approval. */
export async function invite({ baseUrl, org, preset = "ready" }, body = {}) {
  const reset = await fetch(new URL("/_simulator/preset", org), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ preset }),
  });
  assert.ok(reset.ok, await reset.text());
  const answer = await fetch(`${baseUrl}/operator/invitations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ customer: "Acme Corporation", ...body }),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  return answer.json();
}

/** What a person or the package does in the simulated org, behind the pages. */
export async function act(org, name, body = {}) {
  const answer = await fetch(new URL(`/_simulator/actions/${name}`, org), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${name}: ${await answer.text()}`);
}

/** Presses a button of the org's Setup in a tab of its own, on the list of Named Credentials; the trip to the PIM ends there again. */
export async function pressInSetup(page, org, button) {
  const tab = await page.context().newPage();
  await tab.goto(new URL("/lightning/setup/NamedCredential/home", org).href);
  if (await tab.getByRole("button", { name: "Log in" }).isVisible()) await tab.getByRole("button", { name: "Log in" }).click();
  await tab.getByRole("button", { name: button }).click();
  await tab.waitForURL("**/lightning/**");
  await tab.close();
}

export async function picture(page, name) {
  mkdirSync(SCREENS, { recursive: true });
  await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true });
}

/** Our own page: accessible, and no sideways scrolling. */
export async function good(page, name) {
  await assertAccessible(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${name} scrolls sideways by ${overflow} px`);
  await picture(page, name);
}

export async function connectSalesforce(page, decision = "Allow") {
  await page.getByRole("button", { name: "Connect Salesforce" }).click();
  const login = page.getByRole("button", { name: "Log in" });
  await login.or(page.getByRole("button", { name: decision })).first().waitFor();
  if (await login.isVisible()) await login.click();
  await page.getByRole("button", { name: decision, exact: true }).click();
}

/** Creates the Custom App in the PIM's own pages with the two addresses that the journey page shows. */
export async function createApp(page, pim) {
  const activate = await page.getByLabel("Activate URL").inputValue();
  const callback = await page.getByLabel("Callback URL").inputValue();
  const tab = await page.context().newPage();
  await tab.goto(pim);
  const login = tab.getByRole("button", { name: "Log in" });
  if (await login.isVisible().catch(() => false)) {
    await tab.getByLabel("Username").fill("admin");
    await tab.getByLabel("Password").fill("admin");
    await login.click();
  }
  await tab.goto(new URL("/#/connect/app-store", pim).href);
  await tab.getByRole("button", { name: "Create an App" }).click();
  await tab.getByLabel("Name").fill("Salesforce");
  await tab.getByLabel("Activate URL").fill(activate);
  await tab.getByLabel("Callback URL").fill(callback);
  await tab.getByRole("button", { name: "Create", exact: true }).click();
  const clientId = await tab.getByLabel("Client id").inputValue();
  const clientSecret = await tab.getByLabel("Client secret").inputValue();
  await tab.getByRole("button", { name: "Done" }).click();
  await tab.close();
  return { clientId, clientSecret };
}

export async function enterAkeneo(page, pim, { clientId, clientSecret }) {
  await page.getByLabel("Akeneo base URL").fill(pim);
  await page.getByLabel("Client ID").fill(clientId);
  await page.getByLabel("Client Secret").fill(clientSecret);
  await page.getByRole("button", { name: "Save and authorize" }).click();
}

/** What a person clicks through, from the link to "connected". `seen(step)` is called at each page of ours on the way. */
export async function walk({ page, link, pim, seen = async () => {} }) {
  await page.goto(link);
  await seen("1-landing");
  await page.getByRole("button", { name: "Start" }).click();
  await page.waitForURL("**/setup");
  assert.ok(!page.url().includes(new URL(link).pathname.split("/").pop()), "the link left the address bar");
  await seen("2-start");
  await connectSalesforce(page);
  await page.waitForURL("**/setup");
  await page.getByText("Akeneo base URL").waitFor();
  await seen("3-salesforce");
  const app = await createApp(page, pim);
  await enterAkeneo(page, pim, app);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.waitForURL("**/setup");
  const hop = page.getByRole("button", { name: /Authorize Salesforce in Akeneo/ });
  await hop.waitFor({ timeout: WIRED_MS });
  await seen("4-principal");
  await hopInANewTab(page, hop);
  await page.getByRole("heading", { name: /What is checked/ }).waitFor({ timeout: WIRED_MS });
  await seen("5-connected");
  return app;
}

/** The org authorizes itself in a tab of its own, which ends in the org. */
export async function hopInANewTab(page, button) {
  const [tab] = await Promise.all([page.context().waitForEvent("page"), button.click()]);
  await tab.waitForURL("**/lightning/**");
  await tab.close();
}

/** Somebody of Customer Success logs in to the console. `seen()` is called at its first page. */
export async function logInToConsole(page, baseUrl, seen = async () => {}) {
  await page.goto(`${baseUrl}/console`);
  await page.getByRole("heading", { name: "Console for Customer Success" }).waitFor();
  await seen();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("E-mail address").fill("casey@akeneo.example");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Customers", exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, "", "the code left the address bar");
}

/** Waits for a line of a customer's timeline in the console. */
export const happened = (page, words, options) =>
  page.getByRole("listitem").filter({ hasText: words }).first().waitFor(options);
