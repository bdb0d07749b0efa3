// Starts Debian's Chromium through playwright-core. One browser for all journeys, one fresh context (cookies, storage) each.
// It must not download a browser, and it must not talk to anything but this machine.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser's path: CHROMIUM if set, else the first known name on PATH. */
export function findChromium() {
  const candidates = process.env.CHROMIUM
    ? [process.env.CHROMIUM]
    : NAMES.flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // not here; try the next one
    }
  }
  throw new Error("no Chromium found: install the Debian package chromium, or set CHROMIUM to its path");
}

export function launch() {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    // --no-sandbox: Chromium refuses to start as root with its sandbox; only our own pages are opened.
    // The name resolution rule keeps even a mistaken link inside this machine.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-default-apps",
      "--disable-sync",
      "--no-first-run",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ],
  });
}

/**
 * A page in a fresh context that remembers what a person would not see: script errors, console errors (a blocked
 * resource under the content security policy is one) and failed requests.
 */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  return { context, page, complaints };
}
