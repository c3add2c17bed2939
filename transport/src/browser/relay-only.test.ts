import { expect, it } from "vitest";
import type { Signal } from "#protocol";
import { withoutAddresses } from "./relay-only.ts";

const HOST = "candidate:1 1 udp 2122260223 192.168.1.7 54321 typ host generation 0";
const MDNS = "candidate:1 1 udp 2122260223 4f9.local 54321 typ host";
const REFLEXIVE =
  "candidate:2 1 udp 1686052607 203.0.113.9 54321 typ srflx raddr 192.168.1.7 rport 54321";
const RELAY =
  "candidate:3 1 udp 41885439 198.51.100.2 60000 typ relay raddr 203.0.113.9 rport 54321";
const HIDDEN = "candidate:3 1 udp 41885439 198.51.100.2 60000 typ relay raddr 0.0.0.0 rport 9";

const candidate = (text: string): Signal => ({ type: "candidate", candidate: text, mid: "0" });

it.each([HOST, MDNS, REFLEXIVE, "no candidate at all"])("does not let through: %s", (text) => {
  expect(withoutAddresses(candidate(text))).toBeUndefined();
});

it("lets relay candidates through, without the address behind the relay", () => {
  expect(withoutAddresses(candidate(RELAY))).toEqual(candidate(HIDDEN));
});

it("cleans descriptions the same way", () => {
  const sdp = [
    "v=0",
    "o=- 46117 2 IN IP4 127.0.0.1",
    "m=application 54321 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 203.0.113.9",
    "a=rtcp:54321 IN IP4 203.0.113.9",
    `a=${HOST}`,
    `a=${REFLEXIVE}`,
    `a=${RELAY}`,
    "a=mid:0",
    "",
  ].join("\r\n");
  const cleaned = withoutAddresses({ type: "offer", sdp });
  expect(cleaned).toEqual({
    type: "offer",
    sdp: [
      "v=0",
      "o=- 46117 2 IN IP4 127.0.0.1",
      "m=application 54321 UDP/DTLS/SCTP webrtc-datachannel",
      "c=IN IP4 0.0.0.0",
      `a=${HIDDEN}`,
      "a=mid:0",
      "",
    ].join("\r\n"),
  });
  expect(JSON.stringify(cleaned)).not.toMatch(/192\.168|203\.0/);
});
