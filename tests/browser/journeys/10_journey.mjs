// The journey as a person walks it, by clicking, in a real browser: pages of the service, of the PIM and of the org.

import assert from "node:assert/strict";
import { WIRED_MS, connectSalesforce, createApp, enterAkeneo, good, invite, picture, walk } from "../harness/people.mjs";

export const journeys = [
  {
    name: "journey: a person on a desktop clicks through to connected, with one consent screen",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page, complaints } = await open({ viewport: { width: 1280, height: 900 } });
      const { link, connection } = await invite({ baseUrl, org });
      await walk({ page, link, pim, seen: (step) => good(page, `desktop-${step}`) });
      const shown = await (await fetch(`${baseUrl}/operator/connections/${connection}`)).json();
      assert.equal(shown.stage, "connected");
      assert.deepEqual(complaints.filter((text) => text.includes(baseUrl) || text.includes("Content Security Policy")), []);
    },
  },
  {
    name: "journey: a person on a phone in the dark clicks through to connected",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page } = await open({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" });
      const { link } = await invite({ baseUrl, org });
      await walk({ page, link, pim, seen: (step) => good(page, `phone-${step}`) });
    },
  },
  {
    name: "journey: a wrong secret is said as such, the other fields are kept, and the right one goes on",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page } = await open();
      const { link } = await invite({ baseUrl, org });
      await page.goto(link);
      await page.getByRole("button", { name: "Start" }).click();
      await connectSalesforce(page);
      await page.waitForURL("**/setup");
      const app = await createApp(page, pim);
      await enterAkeneo(page, pim, { ...app, clientSecret: "not-the-secret" });
      await page.getByRole("button", { name: "Confirm" }).click();
      await page.waitForURL("**/setup");
      await good(page, "wrong-secret");
      assert.equal(await page.getByLabel("Client ID").inputValue(), app.clientId);
      assert.equal(await page.getByLabel("Client Secret").inputValue(), "");
      assert.ok(!(await page.content()).includes("not-the-secret"));
      await page.getByLabel("Client Secret").fill(app.clientSecret);
      await page.getByRole("button", { name: "Save and authorize" }).click();
      await page.waitForURL("**/setup");
      await page.getByRole("button", { name: /Authorize Salesforce in Akeneo/ }).waitFor({ timeout: WIRED_MS });
    },
  },
  {
    name: "journey: Deny in Salesforce has a page of its own with a way back",
    run: async ({ open, baseUrl, org }) => {
      const { page } = await open();
      const { link } = await invite({ baseUrl, org });
      await page.goto(link);
      await page.getByRole("button", { name: "Start" }).click();
      await connectSalesforce(page, "Deny");
      await page.getByRole("heading", { name: /denied/i }).waitFor();
      await good(page, "denied");
      await page.getByRole("link", { name: "Back to the setup" }).click();
      await page.getByRole("button", { name: "Connect Salesforce" }).waitFor();
    },
  },
  {
    name: "journey: the pages work without JavaScript",
    run: async ({ open, baseUrl, org }) => {
      const { page } = await open({ javaScriptEnabled: false });
      const { link } = await invite({ baseUrl, org });
      await page.goto(link);
      await page.getByRole("button", { name: "Start" }).click();
      await connectSalesforce(page);
      await page.waitForURL("**/setup");
      await page.getByLabel("Akeneo base URL").fill("http://192.168.0.1/some/path");
      await page.getByLabel("Client ID").fill("id");
      await page.getByLabel("Client Secret").fill("secret");
      await page.getByRole("button", { name: "Save and authorize" }).click();
      await picture(page, "without-script-fault");
      assert.equal(await page.getByLabel("Akeneo base URL").inputValue(), "http://192.168.0.1/some/path");
      assert.equal(await page.getByLabel("Akeneo base URL").getAttribute("aria-invalid"), "true");
    },
  },
  {
    name: "journey: a link that does not work says whom to ask",
    run: async ({ open, baseUrl, org }) => {
      const { page } = await open();
      await page.goto(`${baseUrl}/setup/${"A".repeat(43)}`);
      await good(page, "no-such-link");
      await page.getByText(/ask your Akeneo contact/).first().waitFor();
    },
  },
];
