import { afterEach, expect, it, vi } from "vitest";
import type { StreamId } from "#protocol";
import { VerifiedOrigin } from "./verified-origin.ts";

const place = {
  streamId: "abcdefghijklmnopqrstuvwxyz234567" as StreamId,
  baseUrl: "https://live.example.org",
};

afterEach(() => void vi.unstubAllGlobals());

it("shows the token of a protected stream to its origin, and only that", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return new Response(null, { status: 403 });
  });
  await expect(new VerifiedOrigin(place, "a b").descriptor()).rejects.toThrow();
  await expect(new VerifiedOrigin(place).descriptor()).rejects.toThrow();
  const address = `${place.baseUrl}/streams/${place.streamId}/descriptor`;
  expect(asked).toEqual([`${address}?token=a%20b`, address]);
});
