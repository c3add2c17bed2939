import { EmbeddingPage } from "../support/embedding-page.ts";
import { expect, test } from "../support/test.ts";

for (const script of ["livemesh-player.js", "livemesh-player.min.js"]) {
  test(`${script} plays under a strict content security policy, controls and charts included`, async ({
    livemesh,
    openViewer,
  }) => {
    const stream = await livemesh.serve();
    const { host } = new URL(stream.baseUrl);
    const embedding = await EmbeddingPage.serve(stream, {
      script,
      policy: `default-src 'none'; style-src 'self'; script-src ${stream.baseUrl};
        connect-src ${stream.baseUrl} ws://${host}; media-src blob:`.replaceAll(/\s+/g, " "),
    });
    const viewer = await openViewer(embedding.url, [
      () => {
        const page = globalThis as unknown as { violations: string[] };
        page.violations = [];
        addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
          page.violations.push(`${violatedDirective} ${blockedURI}`);
        });
      },
    ]);
    const { page } = viewer;
    await viewer.playsOn(50);
    const player = page.locator("livemesh-player");
    await player.hover();
    await player.getByRole("button", { name: "Settings" }).click();
    await expect(player.getByRole("dialog", { name: "Settings" })).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await expect(player.locator("canvas").first()).toBeVisible();

    // media-chrome's own rules apply: its style elements were blocked, and replaced.
    const bar = await player.locator("media-volume-range").evaluate((range) => {
      const progress = range.shadowRoot?.querySelector("#progress");
      return progress ? getComputedStyle(progress).position : undefined;
    });
    expect(bar).toBe("absolute");
    const isDrawn = await player.evaluate((element) => {
      const { width = 0 } =
        element.shadowRoot?.querySelector("media-play-button")?.getBoundingClientRect() ?? {};
      return width > 30 && width < 60;
    });
    expect(isDrawn).toBe(true);
    const violations = await page.evaluate(
      () => (globalThis as unknown as { violations: string[] }).violations,
    );
    // Blocked, and expected: nothing but media-chrome's style elements.
    expect(violations.filter((line) => line !== "style-src-elem inline")).toEqual([]);
    await embedding.close();
  });
}
