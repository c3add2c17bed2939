/** What browsers tell about the line and the battery; not all of them do. */
type NetworkInformation = EventTarget & { saveData?: boolean; type?: string };
type BatteryManager = EventTarget & { level: number; charging: boolean };
type Device = {
  connection?: NetworkInformation;
  getBattery?(): Promise<BatteryManager>;
};

/** Below this share a battery that is not being charged is low. As Chromium's own saver has it. */
const LOW_LEVEL = 0.2;
/** The battery is waited for this long before anything connects, in ms; it answers in a few. */
const BATTERY_MS = 30;

/** Whether data and power are scarce, and when that changes. */
export class DeviceWatch {
  readonly #device: Device;
  readonly #onChange: () => void;
  readonly #close = new AbortController();
  #battery: BatteryManager | undefined;
  /** Settles when as much is known as will be. */
  readonly ready: Promise<void>;

  constructor(onChange: () => void, device: Device = navigator as Device) {
    this.#device = device;
    this.#onChange = onChange;
    const { signal } = this.#close;
    device.connection?.addEventListener?.("change", onChange, { signal });
    const isLate = new Promise<void>((resolve) => setTimeout(resolve, BATTERY_MS));
    this.ready = Promise.race([this.#findBattery(), isLate]);
  }

  get isMetered(): boolean {
    const { saveData, type } = this.#device.connection ?? {};
    return saveData === true || type === "cellular";
  }

  get isBatteryLow(): boolean {
    const battery = this.#battery;
    return battery !== undefined && !battery.charging && battery.level <= LOW_LEVEL;
  }

  close(): void {
    this.#close.abort();
  }

  async #findBattery(): Promise<void> {
    const { signal } = this.#close;
    try {
      const battery = await this.#device.getBattery?.();
      if (battery === undefined || signal.aborted) return;
      this.#battery = battery;
      battery.addEventListener("levelchange", this.#onChange, { signal });
      battery.addEventListener("chargingchange", this.#onChange, { signal });
      if (this.isBatteryLow) this.#onChange();
    } catch {
      // A permissions policy forbids to ask: then it is not low.
    }
  }
}
