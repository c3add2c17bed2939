import { describe, it } from "vitest";
import { linkConformance } from "../conformance/index.ts";
import { ANSWERER, DIALER } from "../conformance/recorded-link.ts";
import { memoryLinks } from "./index.ts";

describe("memory links", () => {
  it.each(linkConformance)("$name", async ({ run }) => {
    const network = memoryLinks();
    await run({ dialer: network.factory(DIALER), answerer: network.factory(ANSWERER) });
  });
});
