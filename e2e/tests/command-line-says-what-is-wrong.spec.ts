import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import type { Process } from "../support/process.ts";
import { expect, test } from "../support/test.ts";

/** One line for a person, and the exit code for "you can put this right". */
async function expectOneLine(process: Process, pattern: RegExp): Promise<void> {
  expect(await process.exit()).toBe(2);
  expect(process.stdout).toBe("");
  expect(process.stderr).toMatch(/^livemesh: [^\n]+\n$/);
  expect(process.stderr).toMatch(pattern);
}

test("a port in use", async ({ livemesh }) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const key = await livemesh.keyFile();
  const process = livemesh.run(["serve", "--port", String(port), "--key", key]);
  await expectOneLine(process, new RegExp(`${port}.*in use.*--port`));
  other.close();
});

test("a key that cannot be read", async ({ livemesh }) => {
  const key = await livemesh.keyFile();
  // A folder is unreadable as a file, also for root.
  const process = livemesh.run(["serve", "--port", "0", "--key", `${key}/..`]);
  await expectOneLine(process, /key/);
});

test("a key file that holds something else", async ({ livemesh }) => {
  const key = await livemesh.keyFile();
  await writeFile(key, "not a key\n");
  const process = livemesh.run(["serve", "--port", "0", "--key", key]);
  await expectOneLine(process, /key/);
});

test("an unknown option", async ({ livemesh }) => {
  await expectOneLine(livemesh.run(["serve", "--colour", "blue"]), /--colour/);
});

test("an unknown command", async ({ livemesh }) => {
  await expectOneLine(livemesh.run(["broadcast"]), /broadcast/);
});

test("an input file that is not there", async ({ livemesh }) => {
  const key = await livemesh.keyFile();
  const options = ["--port", "0", "--key", key, "--input", "no-such-film.ts"];
  await expectOneLine(livemesh.run(["serve", ...options]), /no-such-film\.ts/);
});

// It was ignored, and people believed that something was recorded.
test("a limit for a recording that is not made", async ({ livemesh }) => {
  await expectOneLine(livemesh.run(["serve", "--record-max", "1GB"]), /--record-max.*--record </);
});
