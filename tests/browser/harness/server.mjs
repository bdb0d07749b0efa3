// Starts the program under test and waits for the setup link that it prints; ends it, and everything it started.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const GRACE_MS = 10_000;

/**
 * Runs `command` (a list) until stop() is called. Resolves when a line matches `ready`; its first group is the `link`.
 * Everything it prints is kept for the error message, and shown with SHOW_SERVER=1.
 */
export async function startServer(command, { ready, timeoutMs, cwd, env = {} }) {
  const child = spawn(command[0], command.slice(1), {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, so that stop() reaches grandchildren too
  });
  const lines = [];
  const exited = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      signal(child, "SIGTERM");
      const gone = await Promise.race([exited.then(() => true), later(GRACE_MS).then(() => false)]);
      if (!gone) signal(child, "SIGKILL");
    }
    signal(child, "SIGKILL"); // whatever outlived its parent
  };
  const found = new Promise((resolve, reject) => {
    const read = (line) => {
      lines.push(line);
      if (process.env.SHOW_SERVER) console.error(`  | ${line}`);
      const match = ready.exec(line);
      if (match) resolve(match[1]);
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
    child.on("error", (error) => reject(new Error(`${command.join(" ")} did not start: ${error.message}`)));
    exited.then(([code]) => reject(new Error(`${command.join(" ")} ended with status ${code} before it was ready:\n${lines.slice(-20).join("\n")}`)));
    later(timeoutMs).then(() => reject(new Error(`${command.join(" ")} was not ready within ${timeoutMs / 1000} s:\n${lines.slice(-20).join("\n")}`)));
  });
  try {
    return { link: await found, lines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // the group is gone already
  }
}

function later(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
