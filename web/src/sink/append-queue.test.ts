import { describe, expect, it, vi } from "vitest";
import { FakeSourceBuffer } from "../testing/fake-source-buffer.ts";
import { AppendQueue } from "./append-queue.ts";

function setUp(removableBeforeSec = 5) {
  const buffer = new FakeSourceBuffer();
  const handlers = {
    onUpdate: vi.fn(),
    removableBeforeSec: () => removableBeforeSec,
    onFull: vi.fn(),
    onError: vi.fn(),
  };
  return { buffer, handlers, queue: new AppendQueue(buffer, handlers) };
}

describe("AppendQueue", () => {
  it("gives the source buffer one operation at a time, in order", () => {
    const { buffer, queue, handlers } = setUp();
    queue.append(Uint8Array.of(1));
    queue.append(Uint8Array.of(2));
    queue.changeType("video/mp4");
    queue.append(Uint8Array.of(3));
    queue.remove(0, 4);
    expect(buffer.operations).toEqual(["append 1"]);
    buffer.finish();
    expect(buffer.operations).toEqual(["append 1", "append 2"]);
    buffer.finish();
    expect(buffer.operations.slice(2)).toEqual(["type video/mp4", "append 3"]);
    buffer.finish();
    buffer.finish();
    expect(buffer.operations.slice(4)).toEqual(["remove 0-4"]);
    expect(handlers.onUpdate).toHaveBeenCalledTimes(4);
  });

  it("removes what was played when the quota is used up, and appends again", () => {
    const { buffer, queue, handlers } = setUp(5);
    buffer.room = 0;
    queue.append(Uint8Array.of(1));
    expect(buffer.operations).toEqual(["remove 0-5"]);
    buffer.finish();
    expect(buffer.operations).toEqual(["remove 0-5", "append 1"]);
    expect(handlers.onFull).not.toHaveBeenCalled();
  });

  it("says it is full when removing did not help, or nothing can be removed", () => {
    const helpless = setUp(5);
    helpless.buffer.room = 0;
    helpless.buffer.roomPerRemove = 0;
    helpless.queue.append(Uint8Array.of(1));
    helpless.buffer.finish();
    expect(helpless.handlers.onFull).toHaveBeenCalledTimes(1);

    const atStart = setUp(0);
    atStart.buffer.room = 0;
    atStart.queue.append(Uint8Array.of(1));
    expect(atStart.buffer.operations).toEqual([]);
    expect(atStart.handlers.onFull).toHaveBeenCalledTimes(1);
  });

  it("reports once that the browser refused the media, and stops", () => {
    const { buffer, queue, handlers } = setUp();
    queue.append(Uint8Array.of(1));
    buffer.dispatchEvent(new Event("error"));
    buffer.finish();
    queue.append(Uint8Array.of(2));
    expect(buffer.operations).toEqual(["append 1"]);
    expect(handlers.onError).toHaveBeenCalledTimes(1);
    expect(handlers.onUpdate).not.toHaveBeenCalled();
  });

  it("does not pile up without bound before a browser that hangs", () => {
    const { queue, handlers } = setUp();
    for (let i = 0; i < 200; i++) queue.append(Uint8Array.of(i));
    expect(handlers.onError).toHaveBeenCalledTimes(1);
  });

  it("does nothing after it was closed", () => {
    const { buffer, queue, handlers } = setUp();
    queue.append(Uint8Array.of(1));
    queue.append(Uint8Array.of(2));
    queue.close();
    buffer.finish();
    expect(buffer.operations).toEqual(["append 1"]);
    expect(handlers.onUpdate).not.toHaveBeenCalled();
  });
});
