// What axe finds on a page, as sentences. WCAG 2.2 A and AA, plus axe's best practices.

import { AxeBuilder } from "@axe-core/playwright";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Violations of the page as it is now; an empty list is good. */
export async function violations(page) {
  // Legacy mode stays in this page: the usual mode opens about:blank beside it, which some policies forbid.
  const result = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
  return result.violations.map((v) => `${v.id} (${v.impact}): ${v.help}; at ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
}

/** Throws with every violation. */
export async function assertAccessible(page) {
  const found = await violations(page);
  if (found.length > 0) throw new Error(`${page.url().split("?")[0]} is not accessible:\n  ${found.join("\n  ")}`);
}
