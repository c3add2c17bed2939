import { expect, it } from "vitest";
import { fromHex, type SignedDescriptor } from "#protocol";
import { nodeCrypto256 } from "../testing/node-crypto.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { DescriptorKeeper, type KeptDescriptor } from "./descriptor-keeper.ts";

const publisher = new TestPublisher();

function rig() {
  const kept: KeptDescriptor[] = [];
  let verified = 0;
  const crypto = {
    ...nodeCrypto256,
    verifyP256: (...args: Parameters<typeof nodeCrypto256.verifyP256>) => {
      verified++;
      return nodeCrypto256.verifyP256(...args);
    },
  };
  const keeper = new DescriptorKeeper(crypto, publisher.streamId, (one) => kept.push(one));
  return { keeper, kept, verified: () => verified };
}

const inBytes = ({ body, signature }: SignedDescriptor) => ({
  body: new TextEncoder().encode(body),
  signature: fromHex(signature),
});

it("keeps the first genuine descriptor and each newer one", async () => {
  const { keeper, kept } = rig();
  expect(await keeper.offer(publisher.signed({ revision: 5 }))).toBe(true);
  expect(await keeper.offer(publisher.signed({ revision: 7 }))).toBe(true);
  expect(kept.map(({ descriptor }) => descriptor.revision)).toEqual([5, 7]);
  expect(keeper.descriptor?.revision).toBe(7);
});

it("does not even verify one that is not newer", async () => {
  const { keeper, kept, verified } = rig();
  await keeper.offer(publisher.signed({ revision: 5 }));
  for (const revision of [5, 4]) {
    expect(await keeper.offer(publisher.signed({ revision }))).toBe(true);
  }
  expect(kept).toHaveLength(1);
  expect(verified()).toBe(1);
});

it("keeps the newest when two are checked at the same time", async () => {
  const { keeper } = rig();
  await Promise.all([6, 5].map((revision) => keeper.offer(publisher.signed({ revision }))));
  expect(keeper.descriptor?.revision).toBe(6);
});

it("refuses what is not genuine", async () => {
  const { keeper, kept } = rig();
  const signed = publisher.signed();
  const stranger = new TestPublisher();
  for (const wrong of [
    stranger.signed(),
    { ...signed, signature: stranger.signed().signature },
    { ...signed, body: "{}" },
  ]) {
    expect(await keeper.offer(wrong)).toBe(false);
  }
  expect(kept).toEqual([]);
});

it("takes one from a neighbor, byte for byte as it was signed", async () => {
  const { keeper, kept } = rig();
  const { body, signature } = inBytes(publisher.signed({ title: "Füße" }));
  expect(await keeper.offerBytes({ body, signature })).toBe(true);
  expect(kept[0]?.signed).toEqual({ body, signature });
});

it("refuses text that is not UTF-8, and a byte order mark that was not signed", async () => {
  const { keeper } = rig();
  const { body, signature } = inBytes(publisher.signed());
  expect(await keeper.offerBytes({ body: Uint8Array.of(0xff, 0xfe), signature })).toBe(false);
  const marked = Uint8Array.of(0xef, 0xbb, 0xbf, ...body);
  expect(await keeper.offerBytes({ body: marked, signature })).toBe(false);
});
