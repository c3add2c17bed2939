import { fileURLToPath } from "node:url";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linkConformance } from "../conformance/index.ts";
import { nodeLinks } from "../node/index.ts";
import { chromiumPath, launchChromium, servePage } from "./testing/chromium.ts";
import type { ConformancePage, ConformancePairing } from "./testing/conformance-page.ts";
import { RemoteLinkHost } from "./testing/remote-links.ts";

const executablePath = chromiumPath();
const title =
  executablePath === undefined
    ? "browser links (skipped: no Chromium; install it or set LIVEMESH_CHROMIUM)"
    : "browser links";

describe.skipIf(executablePath === undefined)(title, () => {
  const nodeFactory = nodeLinks({ bindAddress: "127.0.0.1" });
  let browser: Browser;
  let page: Page;
  let site: Awaited<ReturnType<typeof servePage>>;

  beforeAll(async () => {
    site = await servePage(
      fileURLToPath(new URL("./testing/conformance-page.ts", import.meta.url)),
    );
    browser = await launchChromium(executablePath ?? "");
    page = await browser.newPage();
    const host = new RemoteLinkHost(nodeFactory, (event) => {
      void page.evaluate(
        (e) => (globalThis as unknown as ConformancePage).remoteLinkEvent(e),
        event,
      );
    });
    await page.exposeFunction("remoteLinkCall", host.perform.bind(host));
    await page.goto(site.url);
    await page.waitForFunction(() => "runCheck" in globalThis);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
    nodeFactory.close();
  });

  const pairings: ConformancePairing[] = ["browser-browser", "browser-node", "node-browser"];
  describe.each(pairings)("%s", (pairing) => {
    it.each(linkConformance)("$name", async ({ name }) => {
      const complaint = await page.evaluate(
        ([asked, check]) => (globalThis as unknown as ConformancePage).runCheck(asked, check),
        [pairing, name] as const,
      );
      expect(complaint).toBeUndefined();
    });
  });
});
