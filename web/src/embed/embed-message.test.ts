import { describe, expect, it } from "vitest";
import { readFromEmbed, readToEmbed } from "./embed-message.ts";

const ours = { livemesh: 1 } as const;

describe("messages between a page and the player in its frame", () => {
  it("are told from what else pages send", () => {
    for (const other of [null, "hello", 7, {}, { type: "hello" }, { livemesh: 2, type: "hello" }]) {
      expect(readToEmbed(other)).toBeUndefined();
      expect(readFromEmbed(other)).toBeUndefined();
    }
    expect(readToEmbed({ ...ours, type: "hello", more: 1 })).toEqual({ ...ours, type: "hello" });
  });

  it.each([
    { type: "command", id: 1, name: "reload" },
    { type: "command", id: 1, name: "constructor" },
    { type: "command", id: "1", name: "play" },
    { type: "command", name: "play" },
    { type: "order", id: 1, name: "play" },
  ])("that are not of the contract are dropped: %j", (message) => {
    expect(readToEmbed({ ...ours, ...message })).toBeUndefined();
  });

  it("carry commands with their values, and results by their number", () => {
    const command = { ...ours, type: "command", id: 3, name: "setMuted", value: true };
    expect(readToEmbed(command)).toEqual(command);
    const result = { ...ours, type: "result", id: 3, value: 7 };
    expect(readFromEmbed(result)).toEqual(result);
    expect(readFromEmbed({ ...ours, type: "result" })).toBeUndefined();
    expect(readFromEmbed({ ...ours, type: "event", name: "click" })).toBeUndefined();
  });
});
