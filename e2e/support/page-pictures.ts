import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const SIZES = {
  phone: { width: 320, height: 640 },
  desktop: { width: 1280, height: 800 },
  "4k": { width: 3840, height: 2160 },
} as const;
const COLORS = ["light", "dark"] as const;

/** Pictures of a page as it is now, for people to look at: test-results/pages. It has to fit each size. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of COLORS) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({
        path: `test-results/pages/${name}-${size}-${colorScheme}.png`,
        fullPage: true,
      });
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${name} fits ${size}`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(SIZES.desktop);
}

export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of COLORS) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(
      ({ impact }) => impact === "serious" || impact === "critical",
    );
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  }
}
