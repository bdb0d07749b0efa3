// The console as somebody of Customer Success uses it: log in, create a link, see where the customer is.

import assert from "node:assert/strict";
import { connectSalesforce, good as goodPage, happened, logInToConsole } from "../harness/people.mjs";

const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" };

const good = (page, name) => goodPage(page, `console-${name}`);

const logIn = (page, baseUrl, name) => logInToConsole(page, baseUrl, name && (() => good(page, `${name}-1-login`)));

async function createLink(page, customer, name) {
  await page.getByRole("link", { name: "New setup link" }).first().click();
  await page.getByRole("textbox", { name: "Customer", exact: true }).fill(customer);
  await page.getByLabel("Sandbox only").check();
  await page.getByLabel("Any").check();
  await page.getByLabel(/Only this Akeneo PIM/).fill("https://acme.cloud.akeneo.com/");
  await page.getByLabel("The link works for").selectOption({ label: "30 days" });
  if (name) await good(page, `${name}-3-form`);
  await page.getByRole("button", { name: "Create the setup link" }).click();
  await page.getByRole("heading", { name: `The setup link for ${customer}` }).waitFor();
  return page.getByRole("textbox", { name: "Setup link" }).inputValue();
}

async function freshOrg(org) {
  const body = JSON.stringify({ preset: "ready" });
  const reset = await fetch(new URL("/_simulator/preset", org), { method: "POST", headers: { "content-type": "application/json" }, body });
  assert.ok(reset.ok, await reset.text());
}

/** From the login to a customer's timeline, on one screen. */
async function use({ open, baseUrl, org }, options, name) {
  await freshOrg(org);
  const { page, complaints } = await open(options);
  await logIn(page, baseUrl, name);
  await good(page, `${name}-2-customers`);

  const customer = `Acme Corporation on a ${name}, ${Date.now()}`;
  const link = await createLink(page, customer, name);
  assert.ok(link.startsWith(`${baseUrl}/setup/`));
  await page.getByText("E-mail to send").click();
  await page.getByRole("combobox", { name: "Language" }).selectOption({ label: "Deutsch" });
  assert.ok((await page.getByRole("textbox", { name: "Text", exact: true }).inputValue()).includes(link), "the letter carries the link");
  await good(page, `${name}-4-link`);
  await page.getByRole("link", { name: "Follow this customer" }).click();
  await page.getByRole("heading", { name: customer }).waitFor();
  await page.getByText("Salesforce is not connected").waitFor();
  await page.getByText("by casey@akeneo.example").waitFor();

  const theirs = await open();
  await theirs.page.goto(link);
  await theirs.page.getByRole("button", { name: "Start" }).click();
  await happened(page, "The link was opened for the first time");
  await connectSalesforce(theirs.page);
  await theirs.page.waitForURL("**/setup");
  await happened(page, "The Salesforce org was connected");
  await good(page, `${name}-5-customer`);

  await page.getByRole("link", { name: "Customers", exact: true }).click();
  const row = page.getByRole("row", { name: new RegExp(customer) });
  await row.getByText("Akeneo credentials are missing").waitFor();
  await row.getByText("Customer’s PIM admin").waitFor();
  await good(page, `${name}-6-list`);
  return { page, complaints, customer, link, row };
}

export const journeys = [
  {
    name: "console: a link is created, opened, and seen to move on; funnel and filters agree",
    run: async (places) => {
      const { page, complaints, customer, link, row } = await use(places, DESKTOP, "desktop");
      const stopped = page.getByRole("listitem").filter({ hasText: "Org ready for the connection" }).getByRole("button");
      await stopped.click();
      await stopped.and(page.locator("[aria-pressed=true]")).waitFor();
      await row.waitFor();
      await page.getByLabel("Search").fill("no customer is called so");
      await page.getByText("No customer fits these filters.").waitFor();
      await page.getByLabel("Search").fill("");
      await page.getByLabel("Health").selectOption({ label: "With a problem" });
      await page.getByText("No customer fits these filters.").waitFor();
      await page.getByLabel("Health").selectOption({ label: "Any" });
      await stopped.click();

      await page.getByRole("link", { name: customer }).click();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).click();
      await happened(page, "The connection was resumed");
      await page.getByRole("button", { name: "Check again" }).click();
      await happened(page, "Another check was asked for");
      await page.getByRole("button", { name: "Create a new link" }).click();
      await page.getByRole("heading", { name: `The setup link for ${customer}` }).waitFor();
      assert.notEqual(await page.getByRole("textbox", { name: "Setup link" }).inputValue(), link);
      await page.getByText("Revoke", { exact: true }).click();
      await page.getByRole("button", { name: "Revoke this connection" }).click();
      await happened(page, "The connection was revoked");
      await page.getByRole("heading", { name: "Revoked" }).waitFor();
      await good(page, "desktop-7-revoked");
      assert.deepEqual(complaints, []);
    },
  },
  {
    name: "console: long lists and long timelines are shown page by page, to the end",
    run: async ({ open, baseUrl }) => {
      const operator = async (path, body = {}) => {
        const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
        const answer = await fetch(`${baseUrl}/operator/${path}`, options);
        assert.ok(answer.ok, await answer.clone().text());
        return answer.json();
      };
      const mark = `Many ${Date.now()}`;
      const first = await operator("invitations", { customer: `${mark} 000` });
      for (let number = 1; number < 130; number += 1) await operator("invitations", { customer: `${mark} ${String(number).padStart(3, "0")}` });
      for (let times = 0; times < 60; times += 1) {
        await operator(`connections/${first.connection}/pause`);
        await operator(`connections/${first.connection}/resume`);
      }
      const { page, complaints } = await open(DESKTOP);
      await logIn(page, baseUrl);
      await page.getByLabel("Search").fill(mark);
      await page.getByText("130 of").waitFor();
      await page.getByLabel("Order").selectOption({ label: "By name" });
      await page.getByText("the first 100 are shown").waitFor();
      const rows = page.getByRole("table").locator("tbody tr");
      assert.equal(await rows.count(), 100);
      await good(page, "desktop-8-many");
      await page.getByRole("button", { name: "Show more customers" }).click();
      await page.getByRole("link", { name: `${mark} 129` }).waitFor();
      assert.equal(await rows.count(), 130);
      assert.equal(await page.getByRole("button", { name: "Show more customers" }).count(), 0);

      await page.getByRole("link", { name: `${mark} 000` }).click();
      await page.getByRole("heading", { name: `${mark} 000` }).waitFor();
      const entries = page.locator("ol.timeline li");
      await page.getByRole("button", { name: "Show older entries" }).waitFor();
      assert.equal(await entries.count(), 100);
      await page.getByRole("button", { name: "Show older entries" }).click();
      await happened(page, "A setup link was created");
      assert.equal(await entries.count(), 121);
      // Looking again leaves what is shown as it is.
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).waitFor();
      assert.ok((await entries.count()) >= 121);
      assert.match(await entries.first().locator("code").textContent(), /^[0-9a-f]{16}$/, "the reference of the request");
      assert.deepEqual(complaints, []);
    },
  },
  {
    name: "console: the same on a phone in the dark",
    run: async (places) => {
      const { complaints } = await use(places, PHONE, "phone");
      assert.deepEqual(complaints, []);
    },
  },
  {
    name: "console: a reload keeps the login, a tab of its own does not have it, logging out ends it",
    run: async ({ open, baseUrl }) => {
      const { page } = await open(DESKTOP);
      await logIn(page, baseUrl);
      await page.reload();
      await page.getByRole("heading", { name: "Customers", exact: true }).waitFor();
      const other = await page.context().newPage();
      await other.goto(`${baseUrl}/console`);
      await other.getByRole("button", { name: "Log in" }).waitFor();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Console for Customer Success" }).waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    },
  },
  {
    name: "console: a login that the service does not take is said, and nothing is shown",
    run: async ({ open, baseUrl }) => {
      const { page } = await open(DESKTOP);
      await logIn(page, baseUrl);
      // Another person's claims under the same signature.
      await page.evaluate(() => {
        const [head, , signature] = sessionStorage.getItem("console-token").split(".");
        const claims = btoa(JSON.stringify({ sub: "x", exp: Date.now() / 1000 + 600 })).replace(/=+$/, "");
        sessionStorage.setItem("console-token", `${head}.${claims}.${signature}`);
      });
      await page.reload();
      await page.getByRole("heading", { name: "Your login is not accepted" }).waitFor();
      assert.equal(await page.getByRole("table").count(), 0);
      await good(page, "refused");
    },
  },
  {
    name: "console: a login of another tab is refused before anything is exchanged",
    run: async ({ open, baseUrl }) => {
      const { page } = await open(DESKTOP);
      const asked = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      await page.goto(`${baseUrl}/console?code=stolen&state=somebody-elses`);
      await page.getByText("The login does not belong to this tab").waitFor();
      assert.equal(page.url(), `${baseUrl}/console`);
      assert.ok(!asked.includes("/token"), asked.join(" "));
    },
  },
  {
    name: "console: without JavaScript it says what it needs",
    run: async ({ open, baseUrl }) => {
      const { page } = await open({ javaScriptEnabled: false });
      await page.goto(`${baseUrl}/console`);
      await page.getByRole("heading", { name: "The console needs JavaScript" }).waitFor();
    },
  },
];
