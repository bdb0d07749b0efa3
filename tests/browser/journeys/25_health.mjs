// A connection that works, and what happens to it later: what the console, the demo's events, the audit trail and the customer's page say.

import assert from "node:assert/strict";
import { WIRED_MS, good, happened, hopInANewTab, invite, logInToConsole, walk } from "../harness/people.mjs";

/** The demo looks at each connection every ten seconds; two looks until trouble is believed. */
const SWEPT = { timeout: 60_000 };

async function post(origin, path) {
  const answer = await fetch(new URL(`/_simulator/${path}`, origin), { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
  assert.ok(answer.ok, `${path}: ${await answer.text()}`);
}

/** What a connection's trail says of its health, oldest first. */
async function trail(baseUrl, connection) {
  const { timeline } = await (await fetch(`${baseUrl}/operator/connections/${connection}/timeline?limit=200`)).json();
  const told = timeline.filter(({ event }) => ["health_changed", "healed"].includes(event));
  return told.map(({ event, state }) => `${event} ${state}`).reverse();
}

/** Waits until the demo has printed an event after line `since`. */
async function printedSince(printed, since, words) {
  const end = Date.now() + SWEPT.timeout;
  while (!printed().slice(since).some((line) => line.startsWith("event") && line.includes(words))) {
    assert.ok(Date.now() < end, `no event “${words}” was printed:\n${printed().slice(since).join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** A connected customer on one screen, the console's page of that customer on another. */
async function connected({ open, baseUrl, pim, org }, customer) {
  const { page } = await open({ viewport: { width: 1280, height: 900 } });
  const { link, connection } = await invite({ baseUrl, org }, { customer });
  const app = await walk({ page, link, pim });
  const { page: desk, complaints } = await open({ viewport: { width: 1280, height: 900 } });
  await logInToConsole(desk, baseUrl);
  await desk.getByLabel("Search").fill(customer);
  await desk.getByRole("link", { name: customer }).click();
  await desk.getByRole("heading", { name: customer }).waitFor();
  return { page, desk, complaints, connection, app };
}

export const journeys = [
  {
    name: "health: callouts that Salesforce switched off are found, switched on again, and told everywhere",
    run: async (places) => {
      const { baseUrl, org, printed } = places;
      const { page, desk, complaints, connection } = await connected(places, `Switched off ${Date.now()}`);
      const since = printed?.().length;
      await post(org, "actions/callouts-off");

      await happened(desk, "to “Callouts are off”", SWEPT);
      await happened(desk, "The service put right by itself: “Callouts are off”", SWEPT);
      await happened(desk, "from “Callouts are off” to “Healthy”", SWEPT);
      await desk.getByText("Healthy", { exact: true }).first().waitFor(SWEPT);
      await good(desk, "health-1-console-healed");
      if (printed) for (const words of ["degraded (health callouts_off)", "healed (", "recovered ("]) await printedSince(printed, since, words);
      assert.deepEqual((await trail(baseUrl, connection)).slice(-3), ["health_changed callouts_off", "healed callouts_off", "health_changed healthy"]);

      await page.reload();
      await page.getByText(/Salesforce switched callouts off, from .*; this service put it right by itself/).waitFor();
      await page.getByRole("heading", { name: "The connection works" }).waitFor();
      await good(page, "health-2-status-healed");
      assert.deepEqual(complaints, []);
    },
  },
  {
    name: "health: an app that was disconnected in the PIM is the PIM admin’s turn, and works again after it",
    run: async (places) => {
      const { pim } = places;
      const { page, desk, app } = await connected(places, `Disconnected ${Date.now()}`);
      await post(pim, `custom-apps/${app.clientId}/disconnect`);

      await desk.getByText("Disconnected in Akeneo", { exact: true }).first().waitFor(SWEPT);
      await desk.getByText("Turn: Customer’s PIM admin").waitFor(SWEPT);
      await good(desk, "health-3-console-disconnected");
      await page.reload();
      await page.getByRole("heading", { name: "The app was disconnected in Akeneo PIM" }).waitFor();
      await good(page, "health-4-status-disconnected");

      await page.getByRole("button", { name: /Authorize/ }).first().click();
      await page.getByRole("button", { name: "Confirm" }).click();
      await page.waitForURL("**/setup");
      const hop = page.getByRole("button", { name: /Authorize Salesforce in Akeneo/ });
      await hop.waitFor({ timeout: WIRED_MS });
      await hopInANewTab(page, hop);
      await page.getByRole("heading", { name: "The connection works" }).waitFor({ timeout: WIRED_MS });
      await happened(desk, "from “Salesforce lost its authorization” to “Healthy”", SWEPT);
      await good(desk, "health-5-console-works-again");
    },
  },
];
