// Picklist synchronisation: the app made by hand on a phone, and by the service without JavaScript.

import assert from "node:assert/strict";
import { WIRED_MS, connectSalesforce, createApp, enterAkeneo, good, invite } from "../harness/people.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" };

/** From the link to a connection that works. */
async function connected(page, { link, pim }) {
  await page.goto(link);
  await page.getByRole("button", { name: "Start" }).click();
  await page.waitForURL("**/setup");
  await connectSalesforce(page);
  await page.waitForURL("**/setup");
  const app = await createApp(page, pim);
  await enterAkeneo(page, pim, app);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.waitForURL("**/setup");
  const hop = page.getByRole("button", { name: /Authorize Salesforce in Akeneo/ });
  for (let tries = 0; tries < 60 && !(await hop.isVisible()); tries += 1) {
    await page.waitForTimeout(500);
    await page.goto(page.url());
  }
  const [tab] = await Promise.all([page.context().waitForEvent("page"), hop.click()]);
  await tab.waitForURL("**/lightning/**");
  await tab.close();
  const works = page.getByRole("heading", { name: "The connection works" });
  for (let tries = 0; tries < 60 && !(await works.isVisible()); tries += 1) {
    await page.waitForTimeout(500);
    await page.goto(page.url());
  }
}

/** A person makes the External Client App as the page says, and comes back with its key and secret. */
async function makeApp(page, org) {
  const callback = await page.getByLabel("Callback URL").inputValue();
  const tab = await page.context().newPage();
  await tab.goto(new URL("/lightning/setup/ManageExternalClientApplication/home", org).href);
  if (await tab.getByRole("button", { name: "Log in" }).isVisible()) await tab.getByRole("button", { name: "Log in" }).click();
  await tab.getByLabel("Name").fill("Picklists");
  await tab.getByLabel("Callback URL").fill(callback);
  await tab.getByLabel("Scope").selectOption("api");
  await tab.getByLabel("Enable Client Credentials Flow (Settings)").check();
  await tab.getByLabel("Enable Client Credentials Flow (Policies)").check();
  await tab.getByLabel("Run As").selectOption("admin@acme.example");
  await tab.getByRole("button", { name: "Create" }).click();
  const [key, secret] = await tab.locator("section code").allTextContents();
  await tab.close();
  return { key, secret };
}

export const journeys = [
  {
    name: "picklists: on a phone, with an app that the customer makes, waited for and noticed by itself",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page, complaints } = await open(PHONE);
      const { link, connection } = await invite({ baseUrl, org, preset: "self-by-hand" });
      await connected(page, { link, pim });
      await good(page, "picklists-offered");
      await page.getByRole("link", { name: "Add picklist synchronisation (optional)" }).click();
      await page.getByRole("heading", { name: "Picklist synchronisation" }).waitFor();
      await good(page, "picklists-ways");
      await page.getByLabel("Consumer Key").fill("two words");
      await page.getByLabel("Consumer Secret").fill("x");
      await page.getByRole("button", { name: "Save and set it up" }).click();
      await page.getByText("This is not a Consumer Key").waitFor();
      await good(page, "picklists-fault");
      const { key, secret } = await makeApp(page, org);
      await page.getByLabel("Consumer Key").fill(key);
      await page.getByLabel("Consumer Secret").fill(secret);
      await page.getByRole("button", { name: "Save and set it up" }).click();
      await page.getByText("takes up to 30 minutes").first().waitFor();
      await good(page, "picklists-waiting");
      await page.getByRole("heading", { name: "Works" }).waitFor({ timeout: WIRED_MS });
      assert.ok(page.url().endsWith("/setup/org/self"), "the page stays the one that the person is on");
      await good(page, "picklists-working");
      assert.ok(!(await page.content()).includes(secret));
      await page.getByRole("link", { name: "Back to the setup" }).click();
      await page.getByRole("link", { name: "Open picklist synchronisation" }).waitFor();
      const shown = await (await fetch(`${baseUrl}/operator/connections/${connection}`)).json();
      assert.deepEqual([shown.stage, shown.self_callout.stage], ["connected", "working"]);
      assert.deepEqual(complaints.filter((text) => text.includes("Content Security Policy")), []);
    },
  },
  {
    name: "picklists: the service makes the app, without JavaScript, and it is switched off again",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page } = await open({ viewport: { width: 1280, height: 900 } });
      const { link } = await invite({ baseUrl, org, preset: "self" });
      await connected(page, { link, pim });
      const { page: plain } = await open({ javaScriptEnabled: false });
      await plain.goto(link);
      await plain.getByRole("button", { name: "Open the setup" }).click();
      await plain.getByRole("link", { name: "Add picklist synchronisation (optional)" }).click();
      await plain.getByRole("button", { name: "Make the app and set it up" }).click();
      await plain.getByRole("heading", { name: "Works" }).waitFor({ timeout: WIRED_MS });
      await plain.getByText("Switch it off").click();
      await plain.getByRole("button", { name: "Switch picklist synchronisation off" }).click();
      await plain.getByText("Two ways to set it up").waitFor();
    },
  },
];
