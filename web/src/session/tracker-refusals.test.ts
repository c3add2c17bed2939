import { afterEach, expect, it, vi } from "vitest";
import type { TrackerHandlers } from "#transport";
import { tellRefusals } from "./tracker-refusals.ts";

afterEach(() => vi.restoreAllMocks());

it("tells each reason once, and not what happens every day", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  let handlers: TrackerHandlers = {};
  tellRefusals({
    subscribe: (given) => {
      handlers = given;
      return () => false;
    },
  });
  const refuse = (code: "not-allowed" | "unknown-stream", message: string) =>
    handlers.onRefused?.("announce", { ok: false, code, message });
  refuse("unknown-stream", "no stream here");
  refuse("not-allowed", 'a token for "watch" is needed here');
  refuse("not-allowed", 'a token for "watch" is needed here');
  handlers.onGoodbye?.({ code: "moving", message: "another one answers", retryMs: 1 });
  handlers.onGoodbye?.({ code: "too-many", message: "200 connections of one address", retryMs: 1 });
  expect(warn.mock.calls).toEqual([
    ['livemesh: the tracker says: a token for "watch" is needed here'],
    ["livemesh: the tracker says: 200 connections of one address"],
  ]);
});
