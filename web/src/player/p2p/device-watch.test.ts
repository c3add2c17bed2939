import { expect, it, vi } from "vitest";
import { DeviceWatch } from "./device-watch.ts";

class Battery extends EventTarget {
  level = 1;
  charging = false;
}

it("knows a metered connection by saveData and by its type, and hears of changes", () => {
  const connection = Object.assign(new EventTarget(), { saveData: false, type: "wifi" });
  const changed = vi.fn();
  const watch = new DeviceWatch(changed, { connection });
  expect(watch.isMetered).toBe(false);
  connection.type = "cellular";
  connection.dispatchEvent(new Event("change"));
  expect([watch.isMetered, changed.mock.calls.length]).toEqual([true, 1]);
  Object.assign(connection, { type: "wifi", saveData: true });
  expect(watch.isMetered).toBe(true);
  watch.close();
  connection.dispatchEvent(new Event("change"));
  expect(changed).toHaveBeenCalledTimes(1);
});

it("knows a low battery, unless it is being charged", async () => {
  const battery = Object.assign(new Battery(), { level: 0.2 });
  const changed = vi.fn();
  const watch = new DeviceWatch(changed, { getBattery: async () => battery });
  expect(watch.isBatteryLow).toBe(false);
  await watch.ready;
  expect([watch.isBatteryLow, changed.mock.calls.length]).toEqual([true, 1]);
  battery.charging = true;
  battery.dispatchEvent(new Event("chargingchange"));
  expect([watch.isBatteryLow, changed.mock.calls.length]).toEqual([false, 2]);
});

it("takes a browser that says nothing, or refuses to, for one with plenty of both", async () => {
  const refusing = { getBattery: () => Promise.reject(new Error("NotAllowedError")) };
  for (const device of [{}, refusing]) {
    const watch = new DeviceWatch(() => {}, device);
    await watch.ready;
    expect([watch.isMetered, watch.isBatteryLow]).toEqual([false, false]);
  }
});
