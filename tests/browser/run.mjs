// Runs the browser journeys: node tests/browser/run.mjs [--link URL] [--only TEXT]
//
// Without --link it starts `cargo demo` (or the command in CONNECTOR_TEST_SERVE) and takes the setup link that it prints.
// A journey is a module in journeys/ that exports `journeys`: a list of { name, needsServer?, run({ browser, link, baseUrl, pim, org, printed, open }) };
// it fails by throwing. `printed()` is what the demo printed so far, where this started it. `open(options)` gives { page, context, complaints } in a fresh context. README.md says more.

import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { launch, openPage } from "./harness/browser.mjs";
import { picture } from "./harness/people.mjs";
import { startServer } from "./harness/server.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..");
const READY = /(https?:\/\/(?:127\.0\.0\.1|localhost):\d+\/setup\/\S+)/;
const COMPILE_AND_START_MS = 15 * 60_000;

async function load(only) {
  const files = (await readdir(join(HERE, "journeys"))).filter((name) => name.endsWith(".mjs")).sort();
  const modules = await Promise.all(files.map((name) => import(pathToFileURL(join(HERE, "journeys", name)))));
  return modules.flatMap((module) => module.journeys).filter((journey) => !only || journey.name.includes(only));
}

/** What a person would have seen when a journey failed. */
async function pictures(contexts, failure) {
  const pages = contexts.flatMap((context) => context.pages());
  for (const [number, page] of pages.entries()) {
    await picture(page, `failed-${failure}-${number}`).catch((error) => console.log(`no picture: ${error.message}`));
  }
}

async function main() {
  const { values } = parseArgs({ options: { link: { type: "string" }, only: { type: "string" } } });
  const journeys = await load(values.only);
  if (journeys.length === 0) throw new Error("no journey matches");
  const cleanups = [];
  const cleanUp = async () => {
    while (cleanups.length > 0) await cleanups.pop()();
  };
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => cleanUp().finally(() => process.exit(1)));

  const failures = [];
  try {
    let link = values.link;
    const places = { pim: process.env.CONNECTOR_TEST_PIM, org: process.env.CONNECTOR_TEST_ORG };
    if (!link && journeys.some((journey) => journey.needsServer !== false)) {
      const command = (process.env.CONNECTOR_TEST_SERVE ?? "cargo demo").split(" ");
      const server = await startServer(command, { ready: READY, timeoutMs: COMPILE_AND_START_MS, cwd: ROOT });
      cleanups.push(server.stop);
      link = server.link;
      places.org ??= server.lines.map((line) => /^Salesforce\s+(\S+)/.exec(line)?.[1]).find(Boolean);
      places.printed = () => server.lines;
      places.pim ??= server.lines.map((line) => /^Akeneo PIM\s+(\S+)/.exec(line)?.[1]).find(Boolean);
    }
    const browser = await launch();
    cleanups.push(() => browser.close());
    for (const journey of journeys) {
      const contexts = [];
      const open = async (options) => {
        const opened = await openPage(browser, options);
        contexts.push(opened.context);
        return opened;
      };
      const started = Date.now();
      try {
        await journey.run({ browser, link, baseUrl: link && new URL(link).origin, ...places, open });
        console.log(`ok      ${journey.name} (${Date.now() - started} ms)`);
      } catch (error) {
        failures.push(journey.name);
        console.log(`FAILED  ${journey.name}\n${error.stack}`);
        await pictures(contexts, failures.length);
      } finally {
        await Promise.all(contexts.map((context) => context.close()));
      }
    }
  } finally {
    await cleanUp();
  }
  console.log(`browser: ${journeys.length - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

main().then(
  (status) => process.exit(status),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
