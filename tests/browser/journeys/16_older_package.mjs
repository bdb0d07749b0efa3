// A package before 3.0 (the guide's Part D): the choice, what the org refuses done by a person with the values of the page, and the end.

import assert from "node:assert/strict";
import { WIRED_MS, act, connectSalesforce, createApp, enterAkeneo, good, invite, pressInSetup } from "../harness/people.mjs";

/** A person makes both records in the org with what the page shows. */
async function make(page, org, clientSecret) {
  const value = (label) => page.getByLabel(label, { exact: true }).inputValue();
  await act(org, "make-auth-provider", {
    name: await value("Name / URL Suffix"),
    client_id: await value("Client ID"),
    client_secret: clientSecret,
    authorize_endpoint: await value("Authorize Endpoint"),
    token_endpoint: await value("Token Endpoint"),
    base_endpoint: await value("Base Endpoint"),
    scopes: await value("Authentication Scopes"),
  });
  await act(org, "make-classic-credential", { name: await value("Name"), url: await value("URL"), scope: await value("Scope") });
}

async function refused({ open, baseUrl, pim, org }, options, name) {
  const { page, complaints } = await open(options);
  const { link } = await invite({ baseUrl, org, preset: "legacy-writes-refused" });
  await page.goto(link);
  await page.getByRole("button", { name: "Start" }).click();
  await connectSalesforce(page);
  await page.waitForURL("**/setup");
  await page.getByText("Go on with the installed version", { exact: true }).click({ timeout: WIRED_MS });
  await good(page, `older-${name}-1-choice`);
  await page.getByLabel(/I want to connect the installed version/).check();
  await page.getByRole("button", { name: "Go on with this version" }).click();
  const app = await createApp(page, pim);
  await enterAkeneo(page, pim, app);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.waitForURL("**/setup");
  await page.getByRole("link", { name: "Do it by hand" }).click({ timeout: WIRED_MS });
  await page.getByRole("heading", { name: "Make the Auth. Provider" }).waitFor();
  await good(page, `older-${name}-2-refused`);

  await make(page, org, app.clientSecret);
  await pressInSetup(page, org, "Save Akeneo with Start Authentication Flow on Save");
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByText("Nothing has to be done by hand").waitFor({ timeout: WIRED_MS });
  await good(page, `older-${name}-3-done`);
  await page.getByRole("link", { name: "Go to the setup" }).click();
  await page.getByRole("heading", { name: /What is checked/ }).waitFor({ timeout: WIRED_MS });
  await good(page, `older-${name}-4-connected`);
  assert.deepEqual(complaints.filter((text) => text.includes(baseUrl) || text.includes("Content Security Policy")), []);
}

export const journeys = [
  {
    name: "older package: what the org refuses is made by a person, seen by itself, and works",
    run: (places) => refused(places, { viewport: { width: 1280, height: 900 } }, "desktop"),
  },
  {
    name: "older package: the same on a phone",
    run: (places) => refused(places, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" }, "phone"),
  },
];
