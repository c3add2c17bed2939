import { expect, it } from "vitest";
import type { IceAttempt } from "#transport/browser";
import { diagnose } from "./ice-diagnosis.ts";

const FAILED: IceAttempt = {
  isOpen: false,
  local: ["host"],
  remote: ["host"],
  hasRemoteDescription: true,
  isIceConnected: false,
  serverErrors: [],
};
const stun = { url: "stun:stun.example:3478", code: 701 };
const turn = { url: "turn:turn.example:3478", code: 401 };

it.each<[string, Partial<IceAttempt>, string | undefined]>([
  ["it opened", { isOpen: true }, undefined],
  ["the browser names no address", { local: [] }, "ice-no-candidates"],
  ["nobody answered", { hasRemoteDescription: false, remote: [] }, "ice-no-answer"],
  ["nothing gets through", {}, "ice-no-path"],
  ["a path was found, but no channel", { isIceConnected: true }, "ice-no-channel"],
  ["the STUN server is silent", { serverErrors: [stun] }, "ice-server-silent"],
  ["one of two STUN servers is silent", { local: ["srflx"], serverErrors: [stun] }, "ice-no-path"],
  ["the TURN server refuses", { serverErrors: [stun, turn] }, "ice-relay-refused"],
])("%s", (_, change, code) => {
  expect(diagnose({ ...FAILED, ...change }, false)?.code).toBe(code);
});

it("names the server", () => {
  expect(diagnose({ ...FAILED, serverErrors: [turn] }, false)).toEqual({
    code: "ice-relay-refused",
    url: turn.url,
    status: 401,
  });
});

it("misses the relay in relay-only mode, and says why it is missing", () => {
  const nothing = { ...FAILED, local: [] };
  expect(diagnose(nothing, true)).toEqual({ code: "ice-no-relay" });
  expect(diagnose({ ...nothing, serverErrors: [{ ...turn, code: 701 }] }, true)).toEqual({
    code: "ice-server-silent",
    url: turn.url,
  });
});
