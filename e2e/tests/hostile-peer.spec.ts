import { viewerIds } from "../support/api.ts";
import { newlyAppended, recordAppends } from "../support/appended-bytes.ts";
import { Livemesh, type RunningStream } from "../support/livemesh.ts";
import { PublishedChunks } from "../support/published-chunks.ts";
import { expect, Tabs, test } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

const ATTACKS = [
  "malformed",
  "oversized",
  "unrequested",
  "unsigned",
  "wrongly-signed",
  "replayed",
] as const;

test.describe("a hostile peer on a real data channel", () => {
  const livemesh = new Livemesh();
  let tabs: Tabs;
  let stream: RunningStream;
  let victim: Viewer;
  let victimId: string;
  let bystander: Viewer;
  let published: PublishedChunks;

  test.beforeAll(async ({ browser }) => {
    tabs = new Tabs(browser);
    stream = await livemesh.serve();
    published = new PublishedChunks(stream);
    victim = await tabs.open(stream.watchUrl, [recordAppends]);
    await victim.playsOn(25);
    [victimId] = (await viewerIds(stream)) as [string];
    bystander = await tabs.open(stream.watchUrl, [recordAppends]);
    await bystander.playsOn(50);
  });

  test.afterAll(async () => {
    await tabs.close();
    await livemesh.close();
  });

  for (const attack of ATTACKS) {
    test(`${attack} blocks: counted, dropped after the third, nothing of it goes on`, async () => {
      const before = (await victim.stats()).blocks.rejected;
      const hostile = livemesh.start("e2e/hostile-peer.mjs", [
        ...["--server", stream.baseUrl, "--stream", stream.streamId],
        ...["--victim", victimId, "--attack", attack],
      ]);
      expect(await hostile.exit(), hostile.stderr).toBe(0);
      // Forged blocks are of chunks that are played in the next second or two.
      const appended = newlyAppended(victim, 15);
      expect(steps(hostile.stdout)).toContainEqual({ step: "attacked", blocks: 3 });
      expect(steps(hostile.stdout).at(-1)).toMatchObject({ step: "closed" });

      await expect.poll(async () => (await victim.stats()).blocks.rejected - before).toBe(3);
      await Promise.all([victim.playsOn(25), bystander.playsOn(25)]);
      expect((await bystander.stats()).blocks.rejected, "nothing was relayed").toBe(0);
      expect(await published.foreign(await appended), "nothing was appended").toEqual([]);
    });
  }
});

function steps(output: string): { step: string }[] {
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { step: string });
}
