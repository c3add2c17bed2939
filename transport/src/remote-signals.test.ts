import { expect, it } from "vitest";
import type { Signal } from "#protocol";
import { RemoteSignals } from "./remote-signals.ts";

const offer: Signal = { type: "offer", sdp: "offer" };
const answer: Signal = { type: "answer", sdp: "answer" };
const candidate = (n: number): Signal => ({ type: "candidate", candidate: `c${n}`, mid: "0" });

it("keeps candidates until the description is there, and then lets them through", () => {
  const signals = new RemoteSignals("answer");
  expect(signals.accept(candidate(1))).toEqual([]);
  expect(signals.accept(candidate(2))).toEqual([]);
  expect(signals.accept(offer)).toEqual([offer, candidate(1), candidate(2)]);
  expect(signals.accept(candidate(3))).toEqual([candidate(3)]);
});

it("takes one answer to a dial and one offer to answer, and nothing else", () => {
  const dial = new RemoteSignals("dial");
  expect(dial.accept(offer)).toEqual([]);
  expect(dial.accept(answer)).toEqual([answer]);
  expect(dial.accept({ ...answer, sdp: "second" })).toEqual([]);
  expect(new RemoteSignals("answer").accept(answer)).toEqual([]);
});

it("takes 64 candidates of a peer that never stops", () => {
  const signals = new RemoteSignals("answer");
  for (let n = 1; n <= 100; n++) signals.accept(candidate(n));
  expect(signals.accept(offer)).toHaveLength(1 + 64);
  expect(signals.accept(candidate(101))).toEqual([]);
});
