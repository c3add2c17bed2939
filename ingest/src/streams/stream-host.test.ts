import { setImmediate } from "node:timers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { IngestError } from "../ingest-error.ts";
import { SILENT_INGEST_LOG } from "../ingest-log.ts";
import type { RunningStream } from "./run-stream.ts";
import { StreamHost } from "./stream-host.ts";
import type { NamedStream } from "./stream-settings.ts";

/** What a test makes of one stream, run by run. */
class Script {
  readonly runs: { end(problem?: string): void; isClosed: boolean }[] = [];
  /** Called in each run, where the stream's own code would be. */
  inside: () => void = () => {};
  refusal: IngestError | undefined;

  run(name: string): RunningStream {
    if (this.refusal !== undefined) throw this.refusal;
    this.inside();
    let end: (problem?: string) => void = () => {};
    const ended = new Promise<string | undefined>((resolve) => {
      end = resolve;
    });
    const entry = { end, isClosed: false };
    this.runs.push(entry);
    return {
      publisher: { streamId: `id-${name}`, descriptor: { isLive: true } } as never,
      publishKey: undefined,
      ended,
      async close() {
        entry.isClosed = true;
      },
    };
  }
}

const scripts = new Map<string, Script>();
const open: StreamHost[] = [];

afterEach(async () => {
  for (const host of open.splice(0)) await host.close();
  scripts.clear();
});

function createHost(): StreamHost {
  const host = new StreamHost({
    run: async ({ title }) => scriptOf(title).run(title),
    logOf: () => SILENT_INGEST_LOG,
    backOff: { minDelayMs: 1, maxDelayMs: 2 },
  });
  open.push(host);
  return host;
}

function scriptOf(name: string): Script {
  const script = scripts.get(name) ?? new Script();
  scripts.set(name, script);
  return script;
}

function stream(name: string): NamedStream {
  const settings = { title: name, input: undefined, loop: false, keyFile: undefined };
  return { name, settings: { ...settings, chunkMs: 200, seederUploadBps: 1 } };
}

describe("a host of streams", () => {
  it("takes streams in and out while it runs, each name once", async () => {
    const host = createHost();
    expect(await host.add(stream("a"))).toMatchObject({ name: "a", state: "live" });
    await host.add(stream("b"));
    await expect(host.add(stream("a"))).rejects.toMatchObject({ code: "name-taken" });
    expect(await host.remove("a")).toBe(true);
    expect(scriptOf("a").runs[0]?.isClosed).toBe(true);
    expect(host.reports.map(({ name }) => name)).toEqual(["b"]);
    expect(await host.remove("a")).toBe(false);
    await host.add(stream("a"));
  });

  it("forgets a stream that cannot be opened when it is asked for", async () => {
    const host = createHost();
    scriptOf("a").refusal = new IngestError("port-in-use", "port 1 is in use");
    await expect(host.add(stream("a"))).rejects.toThrow("port 1 is in use");
    expect(host.reports).toEqual([]);
  });

  it("tries a stream of its file again until it can be opened", async () => {
    const host = createHost();
    const script = scriptOf("a");
    script.refusal = new IngestError("port-in-use", "port 1 is in use");
    await host.keep(stream("a"));
    await vi.waitUntil(() => (host.report("a")?.restarts ?? 0) >= 2);
    expect(host.report("a")).toMatchObject({ problem: "port 1 is in use" });
    script.refusal = undefined;
    await vi.waitUntil(() => host.report("a")?.state === "live");
    expect(host.report("a")?.problem).toBe(null);
  });

  it("starts a stream anew whose input failed, and not one whose input is over", async () => {
    const host = createHost();
    await host.add(stream("a"));
    await host.add(stream("b"));
    scriptOf("a").runs[0]?.end("the disk is gone");
    scriptOf("b").runs[0]?.end();
    await vi.waitUntil(() => scriptOf("a").runs.length === 2);
    expect(scriptOf("a").runs[0]?.isClosed).toBe(true);
    await vi.waitUntil(() => host.report("b")?.state === "ended");
    expect(scriptOf("b").runs).toHaveLength(1);
    expect(host.report("a")).toMatchObject({ state: "live", restarts: 1 });
  });

  it.each([
    ["a timer", (crash: () => void) => setTimeout(crash)],
    ["a callback", (crash: () => void) => setImmediate(crash)],
    ["a timer of a timer", (crash: () => void) => setTimeout(() => setTimeout(crash))],
  ])("keeps what one stream throws in %s from the others", async (_, later) => {
    const host = createHost();
    await host.add(stream("good"));
    let crashCount = 0;
    scriptOf("bad").inside = () => {
      void later(() => {
        if (crashCount++ < 2) throw new Error("a bug");
      });
    };
    await host.keep(stream("bad"));
    await vi.waitUntil(() => (host.report("bad")?.restarts ?? 0) >= 2);
    await vi.waitUntil(() => host.report("bad")?.state === "live");
    expect(
      scriptOf("bad")
        .runs.slice(0, -1)
        .every(({ isClosed }) => isClosed),
    ).toBe(true);
    expect(scriptOf("good").runs).toMatchObject([{ isClosed: false }]);
    expect(host.report("good")).toMatchObject({ state: "live", restarts: 0, problem: null });
  });
});
