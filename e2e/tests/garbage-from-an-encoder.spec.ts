import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { serveEncoder } from "../support/livemesh.ts";
import { expect, test } from "../support/test.ts";

test("garbage is named in one line and the next encoder is taken", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await serveEncoder(livemesh);
  const before = stream.process.stderr;
  const stranger = connect(stream.encoderPort, "127.0.0.1");
  stranger.on("error", () => {});
  stranger.end(randomBytes(256 * 1024));
  await once(stranger, "close");

  const [line] = await stream.process.says(/^.*(MPEG-TS|transport stream).*$/im);
  expect(line).not.toMatch(/\n\s+at /);
  expect(stream.process.stderr.slice(before.length)).not.toMatch(/\n\s+at .*\.js:\d+/);

  livemesh.encoder(stream.encoderPort);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn(50);
  expect(stream.process.isRunning).toBe(true);
});

test("an encoder that vanishes in the middle of a packet leaves a stream that goes on", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await serveEncoder(livemesh);
  const first = livemesh.encoder(stream.encoderPort, ["--odd-bytes"]);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn(25);
  await first.kill();

  livemesh.encoder(stream.encoderPort);
  await viewer.playsOn(75);
  expect(stream.process.isRunning).toBe(true);
});
