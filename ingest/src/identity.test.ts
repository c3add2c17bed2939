import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isStreamId } from "#protocol";
import { loadIdentity } from "./identity.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-key-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("loadIdentity", () => {
  it("makes a key on first use that only its owner can read, and finds it again", async () => {
    const file = join(folder, "deep", "key.pem");
    const first = await loadIdentity(file);
    expect(first.isNew).toBe(true);
    expect(isStreamId(first.identity.streamId)).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----/);

    const again = await loadIdentity(file);
    expect(again.isNew).toBe(false);
    expect(again.identity.streamId).toBe(first.identity.streamId);
    expect(again.identity.publicKey).toEqual(first.identity.publicKey);
  });

  it("says in one line that a file is no key, and leaves it alone", async () => {
    const file = join(folder, "key.pem");
    await writeFile(file, "hello");
    await expect(loadIdentity(file)).rejects.toMatchObject({
      code: "key-invalid",
      message: expect.stringMatching(/key\.pem is no private key.*--key$/),
    });
    expect(await readFile(file, "utf8")).toBe("hello");
  });

  it.each([
    ["another curve", () => generateKeyPairSync("ec", { namedCurve: "secp384r1" })],
    ["another kind", () => generateKeyPairSync("ed25519")],
  ])("refuses a key of %s", async (_what, make) => {
    const file = join(folder, "key.pem");
    await writeFile(file, make().privateKey.export({ type: "pkcs8", format: "pem" }));
    await expect(loadIdentity(file)).rejects.toMatchObject({ code: "key-invalid" });
  });

  it("says in one line why a file cannot be read or made", async () => {
    const directory = join(folder, "directory.pem");
    await mkdir(directory);
    await expect(loadIdentity(directory)).rejects.toMatchObject({
      code: "key-unreadable",
      message: expect.stringContaining("it is a directory"),
    });
    await writeFile(join(folder, "file"), "");
    await expect(loadIdentity(join(folder, "file", "key.pem"))).rejects.toMatchObject({
      code: "key-unreadable",
    });
  });

  it.skipIf(process.getuid?.() === 0)("does not read what it may not", async () => {
    const file = join(folder, "key.pem");
    await loadIdentity(file);
    await chmod(file, 0);
    await expect(loadIdentity(file)).rejects.toMatchObject({
      message: expect.stringContaining("permission denied"),
    });
  });
});
