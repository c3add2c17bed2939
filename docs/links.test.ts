import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const NOT_OURS = new Set(["node_modules", "dist", ".git", "test-results"]);

function markdownBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownBelow(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** As GitHub makes them: lower case, blanks to hyphens, punctuation gone. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const LINKS = markdownBelow("").flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(
    ([, link = ""]) => ({ page, link }),
  ),
);

describe("links between pages", () => {
  it.each(LINKS)("lead somewhere: $page → $link", ({ page, link }) => {
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? join(root, page) : join(root, dirname(page), file);
    expect(existsSync(target)).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(readFileSync(target, "utf8"))).toContain(anchor);
  });
});
