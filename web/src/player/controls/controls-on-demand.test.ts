import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ControlsOnDemand } from "./controls-on-demand.ts";

class FakePointerEvent extends Event {}

class FakeController extends EventTarget {
  readonly shown = vi.fn();

  constructor() {
    super();
    this.addEventListener("pointermove", this.shown);
  }
}

beforeEach(() => void vi.stubGlobal("PointerEvent", FakePointerEvent));
afterEach(() => void vi.unstubAllGlobals());

function setUp() {
  const host = new EventTarget();
  const controller = new FakeController();
  const load = vi.fn(async () => {});
  const controls = new ControlsOnDemand({
    host,
    controller: controller as unknown as HTMLElement,
    load,
  });
  return { host, controller, load, controls };
}

describe("ControlsOnDemand", () => {
  it.each(["pointermove", "pointerdown", "focusin", "keydown"])(
    "loads and shows them once somebody reaches for them: %s",
    async (type) => {
      const { host, controller, load } = setUp();
      expect(load).not.toHaveBeenCalled();
      host.dispatchEvent(new Event(type));
      host.dispatchEvent(new Event(type));
      await vi.waitFor(() => expect(controller.shown).toHaveBeenCalled());
      host.dispatchEvent(new Event(type));
      expect(load).toHaveBeenCalledTimes(1);
    },
  );

  it("does not show them when nobody reached for them", async () => {
    const { controller, controls } = setUp();
    await controls.load();
    expect(controller.shown).not.toHaveBeenCalled();
  });

  it("tries again when loading failed", async () => {
    const { host, controller, load } = setUp();
    load.mockRejectedValueOnce(new TypeError("offline"));
    host.dispatchEvent(new Event("pointermove"));
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(1));
    await Promise.resolve();
    host.dispatchEvent(new Event("pointermove"));
    await vi.waitFor(() => expect(controller.shown).toHaveBeenCalled());
    expect(load).toHaveBeenCalledTimes(2);
  });
});
