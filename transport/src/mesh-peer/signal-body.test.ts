import { expect, it } from "vitest";
import type { Signal } from "#protocol";
import { WIRE_LIMITS } from "#protocol";
import { decodeSignalBody, encodeSignalBody } from "./signal-body.ts";

const offer = (sdp: string): Signal => ({ type: "offer", sdp });

it("brings each kind of negotiation through unchanged", () => {
  const signals: Signal[] = [
    offer("v=0\r\n"),
    { type: "answer", sdp: "Grüße 🎥" },
    { type: "candidate", candidate: "candidate:1 1 udp", mid: "0", lineIndex: 0 },
  ];
  for (const signal of signals) {
    expect(decodeSignalBody(encodeSignalBody(signal) ?? new Uint8Array())).toEqual(signal);
  }
});

it("is at most what a message has room for, counted in bytes as sent", () => {
  const frameBytes = encodeSignalBody(offer(""))?.length ?? 0;
  const fits = (WIRE_LIMITS.signalBytes - frameBytes) / 2;
  // A line feed takes two bytes in JSON.
  expect(encodeSignalBody(offer("\n".repeat(Math.floor(fits))))).toBeDefined();
  expect(encodeSignalBody(offer("\n".repeat(Math.floor(fits) + 1)))).toBeUndefined();
});

it.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["no signal", '{"type":"renegotiate"}'],
  ["an offer that no tracker would relay", JSON.stringify(offer("x".repeat(12 * 1024 + 1)))],
])("reads nothing out of %s", (_, text) => {
  expect(decodeSignalBody(new TextEncoder().encode(text))).toBeUndefined();
});

it("reads nothing out of bytes that are no UTF-8", () => {
  const text = '{"type":"offer","sdp":"\xff"}';
  expect(decodeSignalBody(Uint8Array.from(Buffer.from(text, "latin1")))).toBeUndefined();
});
