import { describe, expect, it } from "vitest";
import { SlateWatch } from "./slate-watch.ts";

describe("a slate", () => {
  it("is due when nothing came for its time, and then half a second after half a second", () => {
    const watch = new SlateWatch(2000, 0);
    watch.heard(1000);
    expect(watch.dueAtMs).toBe(3000);
    watch.shown(3010);
    expect(watch.isShown).toBe(true);
    expect(watch.dueAtMs).toBe(3500);
    watch.shown(3520);
    expect(watch.dueAtMs).toBe(4000);
  });

  it("is over with the first bytes", () => {
    const watch = new SlateWatch(2000, 0);
    watch.shown(2000);
    watch.heard(2100);
    expect(watch.isShown).toBe(false);
    expect(watch.dueAtMs).toBe(4100);
  });

  it("does not make up for what a machine slept", () => {
    const watch = new SlateWatch(2000, 0);
    watch.shown(2000);
    watch.shown(60_000);
    expect(watch.dueAtMs).toBe(60_500);
  });
});
