import {
  type PlayerSettings,
  readSetting,
  SETTING_NAMES,
  type SettingName,
} from "./player-settings.ts";

/** An element whose settings are attributes, and properties of the same names. */
export abstract class SettingsElement extends HTMLElement {
  /**
   * Latency to stay at, in seconds, or `auto`: about one second, more where that stalls.
   * @throws {RangeError} Like every setter here: when given what is not allowed.
   */
  get targetLatency(): PlayerSettings["target-latency"] {
    return this.setting("target-latency");
  }

  set targetLatency(value: PlayerSettings["target-latency"]) {
    this.#set("target-latency", value);
  }

  /** `on`, `off`, or `relay-only`: over TURN servers, so that viewers do not see addresses. */
  get p2p(): PlayerSettings["p2p"] {
    return this.setting("p2p");
  }

  set p2p(value: PlayerSettings["p2p"]) {
    this.#set("p2p", value);
  }

  /** What goes to other viewers at most, in Mbit/s. Default 10. */
  get uploadLimit(): number {
    return this.setting("upload-limit");
  }

  set uploadLimit(value: number) {
    this.#set("upload-limit", value);
  }

  /** What goes to other viewers in one visit of a stream, in MB; then P2P ends. Default no limit. */
  get uploadBudget(): number {
    return this.setting("upload-budget");
  }

  set uploadBudget(value: number) {
    if (value === Number.POSITIVE_INFINITY) this.removeAttribute("upload-budget");
    else this.#set("upload-budget", value);
  }

  /** `auto`: no P2P on metered lines and low batteries; `on`: never any; `off`: not asked. */
  get dataSaver(): PlayerSettings["data-saver"] {
    return this.setting("data-saver");
  }

  set dataSaver(value: PlayerSettings["data-saver"]) {
    this.#set("data-saver", value);
  }

  /** Viewers there have to be for P2P. Default 0. */
  get minAudience(): number {
    return this.setting("min-audience");
  }

  set minAudience(value: number) {
    this.#set("min-audience", value);
  }

  /** P2P in a hidden tab. `auto`: while it plays; `on`: always; `off`: never. */
  get hiddenTab(): PlayerSettings["hidden-tab"] {
    return this.setting("hidden-tab");
  }

  set hiddenTab(value: PlayerSettings["hidden-tab"]) {
    this.#set("hidden-tab", value);
  }

  /** All of them; an attribute that says what it may not counts as missing. */
  protected get settings(): PlayerSettings {
    return Object.fromEntries(
      SETTING_NAMES.map((name) => [name, this.setting(name)]),
    ) as PlayerSettings;
  }

  protected setting<N extends SettingName>(name: N): PlayerSettings[N] {
    try {
      return readSetting(name, this.getAttribute(name));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return readSetting(name, null);
    }
  }

  #set<N extends SettingName>(name: N, value: PlayerSettings[N]): void {
    readSetting(name, String(value));
    this.setAttribute(name, String(value));
  }
}
