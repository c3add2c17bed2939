import { expect, it } from "vitest";
import { publishAddress } from "./publish-address.ts";

const OWN = "https://here.example";

it.each([
  ["", "correct-horse", "wss://here.example/publish/correct-horse"],
  [" live.example.org ", " correct-horse ", "wss://live.example.org/publish/correct-horse"],
  ["http://10.0.0.7:8080", "correct-horse", "ws://10.0.0.7:8080/publish/correct-horse"],
  ["localhost:8080", "correct-horse", "ws://localhost:8080/publish/correct-horse"],
  ["wss://a.example/in/", "correct-horse", "wss://a.example/in/publish/correct-horse"],
  ["https://a.example/publish/from-the-link", "", "wss://a.example/publish/from-the-link"],
  ["a.example/in/publish/from-the-link", "this-one-1", "wss://a.example/in/publish/this-one-1"],
])("%j with the key %j is %s", (server, key, address) => {
  expect(publishAddress(server, key, OWN)).toBe(address);
});

it.each([
  ["", "", "The publish key is missing"],
  ["", "short", "The publish key is missing"],
  ["", "a/../../admin", "The publish key is missing"],
  ["ftp://a.example", "correct-horse", "no address of a server"],
  ["http://", "correct-horse", "no address of a server"],
])("%j with the key %j is refused: %s", (server, key, why) => {
  expect(() => publishAddress(server, key, OWN)).toThrow(why);
});
