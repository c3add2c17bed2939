import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { SLICE_BYTES } from "../source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import { StreamSource } from "./stream-source.ts";

function scene() {
  const input = new PassThrough();
  return { input, reader: new SourceReader(new StreamSource("-", "standard input", () => input)) };
}

it("reads standard input until it ends", async () => {
  const { input, reader } = scene();
  input.write(Buffer.alloc(SLICE_BYTES + 1));
  expect(await reader.next()).toEqual({ type: "start", description: "standard input" });
  expect((await reader.expect("bytes")).bytes.length).toBe(SLICE_BYTES);
  expect((await reader.expect("bytes")).bytes.length).toBe(1);
  input.end();
  expect(await reader.next()).toEqual({ type: "end", reason: "standard input: end of input" });
  expect(await reader.next()).toBeUndefined();
});

it("ends when standard input fails, and says why", async () => {
  const { input, reader } = scene();
  await reader.expect("start");
  const next = reader.next();
  input.destroy(Object.assign(new Error("read EIO"), { code: "EIO" }));
  expect(await next).toEqual({ type: "end", reason: "standard input: EIO" });
  expect(await reader.next()).toBeUndefined();
});

it("lets go of standard input on abort, also while waiting for bytes", async () => {
  const { input, reader } = scene();
  await reader.expect("start");
  const next = reader.next();
  reader.abortOnly();
  expect(await next).toBeUndefined();
  expect(input.destroyed).toBe(true);
});
