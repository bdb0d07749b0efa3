// Comforts for the pages of Connector Setup. Everything works without this script: it copies addresses at a click and
// loads the page again when the facts behind it have changed.
"use strict";

(() => {
  // The page that is shown again when its facts have changed.
  const HOME = document.body.dataset.home || "/setup";

  // Copying. The buttons are hidden where there is no script.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    if (!field) continue;
    const word = button.firstChild;
    const first = word.data;
    button.hidden = false;
    field.addEventListener("focus", () => field.select());
    button.addEventListener("click", async () => {
      field.select();
      let copied = true;
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        // No clipboard in this browser or on this origin: the older way, on the selected text.
        copied = document.execCommand("copy");
      }
      say(copied ? "Copied." : "Select the text and copy it.");
      word.data = copied ? "Copied" : "Select it";
      setTimeout(() => { word.data = first; }, 2000);
    });
  }

  // What is folded away while a page without script loads itself again.
  for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;

  function say(text) {
    const voice = document.getElementById("voice");
    if (voice) voice.textContent = text;
  }

  const { progress, every, here = HOME } = document.body.dataset;
  if (!progress || !every) return;

  let typed = false;
  let asking = false;
  let failures = 0;
  document.addEventListener("input", () => { typed = true; });

  const isBusy = () =>
    typed ||
    (document.activeElement instanceof HTMLInputElement && document.activeElement.type !== "radio" &&
      !document.activeElement.readOnly) ||
    document.querySelector("details[open] form") !== null;

  const showAgain = () => {
    if (location.pathname === here) location.reload();
    else location.replace(here);
  };

  // Whoever is typing is not interrupted, only told.
  const tell = () => {
    const news = document.getElementById("news");
    if (!news || news.childElementCount) return;
    const link = document.createElement("a");
    link.href = here;
    link.textContent = "Show it";
    const text = document.createElement("p");
    text.append("Something has changed. ", link);
    const box = document.createElement("div");
    box.className = "box info";
    box.append(text);
    news.append(box);
  };

  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch("/setup/progress", { cache: "no-store", credentials: "same-origin", redirect: "error" });
      if (answer.ok) {
        failures = 0;
        if ((await answer.text()).trim() !== progress) isBusy() ? tell() : showAgain();
      } else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
        // The session is over. Loading by itself could go on for ever; the person decides.
        clearInterval(timer);
        tell();
      } else {
        failures += 1;
      }
    } catch {
      failures += 1;
    } finally {
      asking = false;
    }
  };

  // Whoever comes back from Salesforce has perhaps done something there: the org is looked at again, not more often than needed.
  const recheck = document.querySelector("form[data-when-back]");
  let checked = Date.now();
  const lookAgain = async () => {
    if (!recheck || document.hidden || Date.now() - checked < 10000) return;
    checked = Date.now();
    const body = new URLSearchParams(new FormData(recheck));
    try {
      await fetch(recheck.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
    } catch {
      failures += 1;
    }
  };

  let skipped = 0;
  const timer = setInterval(() => {
    // After failures ask less often, down to every 32nd turn.
    if (skipped < Math.min(2 ** failures - 1, 31)) { skipped += 1; return; }
    skipped = 0;
    ask();
  }, Number(every) * 1000);
  document.addEventListener("visibilitychange", async () => { await lookAgain(); ask(); });
})();
