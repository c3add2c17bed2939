import { expect, it } from "vitest";
import { maskSecrets } from "./mask-secrets.ts";

it.each([
  ["rtmp://127.0.0.1:1935/live/s3cret", "rtmp://127.0.0.1:1935/live/***"],
  ["http://joe:s3cret@a.example/x.ts", "http://joe:***@a.example/x.ts"],
  ["https://a.example/x?token=s3cret&n=2", "https://a.example/x?token=***&n=2"],
  ["srt://a:9?mode=caller&passphrase=a%20b", "srt://a:9?mode=caller&passphrase=***"],
  ["udp://127.0.0.1:5000", "udp://127.0.0.1:5000"],
  ["media s3cret.ts", "media s3cret.ts"],
])("tells of %s only %s", (input, told) => {
  expect(maskSecrets(input)).toBe(told);
});
