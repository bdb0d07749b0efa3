// Setting Salesforce up by hand: where the org refuses our writes, and where the customer gives no access.

import assert from "node:assert/strict";
import { WIRED_MS, act, connectSalesforce, createApp, enterAkeneo, good, invite, picture, pressInSetup } from "../harness/people.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" };

/** A person enters in the org what the page shows. */
async function enter(page, org, clientSecret) {
  const value = (label) => page.getByLabel(label, { exact: true }).inputValue();
  await act(org, "edit-provider", { authorize_url: await value("Authorize URL"), token_url: await value("Token URL") });
  for (const name of ["code_identifier", "code_challenge"]) await act(org, "set-parameter", { name, value: await value(name) });
  await act(org, "set-credentials", { client_id: await value("Client ID"), client_secret: clientSecret });
  await act(org, "grant-access", { username: "admin@acme.example" });
  await act(org, "edit-url", { url: await value("URL") });
  await act(org, "callouts-on");
}

async function start(page, link) {
  await page.goto(link);
  await page.getByRole("button", { name: "Start" }).click();
  await page.waitForURL("**/setup");
}

async function connectPim(page, pim) {
  const app = await createApp(page, pim);
  await enterAkeneo(page, pim, app);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.waitForURL("**/setup");
  return app;
}

export const journeys = [
  {
    name: "by hand: what the org refuses is copied by a person, ticked by itself, and goes on",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page, complaints } = await open({ viewport: { width: 1280, height: 900 } });
      const { link, connection } = await invite({ baseUrl, org, preset: "writes-refused" });
      await start(page, link);
      await connectSalesforce(page);
      await page.waitForURL("**/setup");
      const app = await connectPim(page, pim);
      await page.getByRole("link", { name: "Do it by hand" }).click({ timeout: WIRED_MS });
      await page.getByRole("heading", { name: "Set up Salesforce by hand" }).waitFor();
      await good(page, "by-hand-refused");
      await page.getByRole("button", { name: "Copy code_identifier" }).click();
      await page.getByRole("button", { name: "Copied code_identifier" }).waitFor();
      await enter(page, org, app.clientSecret);
      await page.getByRole("button", { name: "Check again" }).click();
      await page.getByText("Nothing has to be done by hand").waitFor({ timeout: WIRED_MS });
      await good(page, "by-hand-refused-done");
      await page.getByRole("link", { name: "Go to the setup" }).click();
      await page.getByRole("button", { name: /Authorize Salesforce in Akeneo/ }).waitFor({ timeout: WIRED_MS });
      const shown = await (await fetch(`${baseUrl}/operator/connections/${connection}`)).json();
      assert.equal(shown.stage, "authorize_principal");
      assert.deepEqual(complaints.filter((text) => text.includes(baseUrl) || text.includes("Content Security Policy")), []);
    },
  },
  {
    name: "by hand: on a phone, without access for us, to what can be seen from here",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page } = await open(PHONE);
      const { link } = await invite({ baseUrl, org });
      await start(page, link);
      await page.getByText("You do not want to give access to the org?").click();
      await page.getByRole("button", { name: "Set up Salesforce by hand" }).click();
      await page.getByText("You set up Salesforce by hand").waitFor();
      await good(page, "by-hand-chosen");
      const app = await connectPim(page, pim);
      await page.getByRole("link", { name: "Set up Salesforce by hand" }).last().click();
      await good(page, "by-hand-phone");
      await page.getByLabel("Callback URL of the provider in Salesforce").fill("https://evil.example/");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("This is not an address of Salesforce.").waitFor();
      await good(page, "by-hand-phone-fault");
      const state = await (await fetch(new URL("/_simulator/state", org))).json();
      await page.getByLabel("Callback URL of the provider in Salesforce").fill(state.external_auth_identity_providers[0].callback_url);
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("button", { name: "Change it" }).waitFor();
      await enter(page, org, app.clientSecret);
      for (let done = 2; done < 8; done += 1) {
        await page.getByRole("button", { name: /^Done/ }).first().click();
        await page.getByRole("heading", { name: `${done} of 8 things are done` }).waitFor();
      }
      await pressInSetup(page, org, "Authenticate Default");
      await page.getByText("Everything here is done").waitFor({ timeout: WIRED_MS });
      await good(page, "by-hand-phone-done");
      await page.goto(`${baseUrl}/setup`);
      await page.getByRole("heading", { name: "What can be seen from here works" }).waitFor({ timeout: WIRED_MS });
      await good(page, "by-hand-phone-connected");
    },
  },
  {
    name: "by hand: the page works without JavaScript",
    run: async ({ open, baseUrl, org }) => {
      const { page } = await open({ javaScriptEnabled: false });
      const { link } = await invite({ baseUrl, org });
      await start(page, link);
      await page.getByText("You do not want to give access to the org?").click();
      await page.getByRole("button", { name: "Set up Salesforce by hand" }).click();
      await page.goto(`${baseUrl}/setup/org/manual`);
      await page.getByText("The values are not known yet").waitFor();
      await picture(page, "by-hand-without-script");
      await page.getByRole("link", { name: "Go to the setup" }).click();
      await page.getByRole("button", { name: "Do not set it up by hand after all" }).click();
      await page.getByRole("button", { name: "Connect Salesforce" }).waitFor();
    },
  },
  {
    name: "users: found by name, chosen and given access",
    run: async ({ open, baseUrl, pim, org }) => {
      const { page } = await open(PHONE);
      const { link } = await invite({ baseUrl, org });
      await start(page, link);
      await connectSalesforce(page);
      await page.waitForURL("**/setup");
      await connectPim(page, pim);
      await page.getByRole("button", { name: /Authorize Salesforce in Akeneo/ }).waitFor({ timeout: WIRED_MS });
      await page.getByRole("link", { name: "Users who run transfers" }).click();
      await good(page, "users-default");
      await page.getByLabel("Name or username").fill("a");
      await page.getByRole("button", { name: "Search in Salesforce" }).click();
      await page.getByText("Type at least two letters").waitFor();
      await page.getByLabel("Name or username").fill("acme");
      await page.getByRole("button", { name: "Search in Salesforce" }).click();
      await page.getByLabel(/Ingo Integration/).check();
      await page.getByLabel(/Sam Sales/).check();
      await good(page, "users-found");
      await page.getByRole("button", { name: "Add the chosen users" }).click();
      await page.getByText("integration@acme.example").first().waitFor();
      await good(page, "users-chosen");
      await page.getByRole("button", { name: /^Remove sales@acme.example/ }).click();
      await page.getByText("sales@acme.example").waitFor({ state: "detached" });
    },
  },
];
