import { expect, it } from "vitest";
import { PeerSecrets } from "./peer-secrets.ts";
import { testPeerId } from "./testing/peer-ids.ts";
import { TestPublisher } from "./testing/test-publisher.ts";

const { streamId } = new TestPublisher();
const shared = new Uint8Array(32).fill(7);

it("knows a peer again at every tracker with the same secret, and at no other", () => {
  const key = new PeerSecrets(shared).resumeKey(streamId, testPeerId(1));
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  const elsewhere = new PeerSecrets(shared);
  expect(elsewhere.isResumed(streamId, testPeerId(1), key)).toBe(true);
  expect(elsewhere.isResumed(streamId, testPeerId(2), key)).toBe(false);
  expect(elsewhere.isResumed(new TestPublisher().streamId, testPeerId(1), key)).toBe(false);
  expect(elsewhere.isResumed(streamId, testPeerId(1), undefined)).toBe(false);
  expect(elsewhere.isResumed(streamId, testPeerId(1), `${key}0`)).toBe(false);
  expect(new PeerSecrets().isResumed(streamId, testPeerId(1), key)).toBe(false);
});

it.each([
  ["203.0.113.7", "203.0.113.7", true],
  ["203.0.113.7", "203.0.113.8", false],
  ["203.0.113.7", "::ffff:203.0.113.7", true],
  ["192.168.1.2", "192.168.1.77", true],
  ["192.168.1.2", "192.168.2.2", false],
  ["10.0.0.1", "10.0.0.9", true],
  ["172.20.5.1", "172.20.5.9", true],
  ["172.40.5.1", "172.40.5.9", false],
  ["2001:db8:1:2::1", "2001:db8:1:2:aaaa::9", true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ["unknown", "unknown", true],
])("takes %s and %s for one network: %s", (a, b, expected) => {
  const secrets = new PeerSecrets(shared);
  expect(secrets.networkKey(a) === secrets.networkKey(b)).toBe(expected);
});
