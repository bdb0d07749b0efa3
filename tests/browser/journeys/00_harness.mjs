// The harness itself, on pages made here: it sees what is wrong and is quiet about what is right.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { violations } from "../harness/accessibility.mjs";

const GOOD = `<!doctype html><html lang="en"><head><title>Good</title></head><body><main><h1>Good</h1>
<form method="post"><label for="n">Name</label> <input id="n" name="n"> <button>Send</button></form></main></body></html>`;
const BAD = `<!doctype html><html><head></head><body><input><img src="data:,"><p style="color:#ccc;background:#fff">pale</p></body></html>`;
const SCRIPTED = `<!doctype html><html lang="en"><head><title>Scripted</title></head><body><main><h1>x</h1></main>
<script>document.title = "ran"</script></body></html>`;

async function serve(use) {
  const pages = { "/good": GOOD, "/bad": BAD, "/scripted": SCRIPTED };
  const server = createServer((request, response) => {
    const page = pages[request.url];
    response.writeHead(page ? 200 : 404, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    });
    response.end(page ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

export const journeys = [
  {
    name: "harness: axe finds nothing on a good page, also under a strict policy",
    needsServer: false,
    run: ({ open }) =>
      serve(async (origin) => {
        const { page, complaints } = await open();
        await page.goto(`${origin}/good`);
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(complaints.filter((c) => !c.includes("favicon")), []);
      }),
  },
  {
    name: "harness: axe names what is wrong on a bad page",
    needsServer: false,
    run: ({ open }) =>
      serve(async (origin) => {
        const { page } = await open();
        await page.goto(`${origin}/bad`);
        const found = (await violations(page)).join("\n");
        for (const rule of ["html-has-lang", "document-title", "image-alt", "color-contrast"]) assert.match(found, new RegExp(rule));
      }),
  },
  {
    name: "harness: a script that the policy blocks is noticed, and does not run",
    needsServer: false,
    run: ({ open }) =>
      serve(async (origin) => {
        const { page, complaints } = await open();
        await page.goto(`${origin}/scripted`);
        assert.equal(await page.title(), "Scripted");
        assert.match(complaints.join("\n"), /Content Security Policy/);
      }),
  },
  {
    name: "harness: names outside this machine do not resolve",
    needsServer: false,
    run: async ({ open }) => {
      const { page } = await open();
      await assert.rejects(page.goto("http://example.com/"), /ERR_NAME_NOT_RESOLVED/);
    },
  },
];
