import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BRIDGE = "livemesh0";
const NETWORK = "10.213.77";
/** What a queue before the uplink holds, as home routers do: tens of ms of it. */
const LATENCY = "60ms";
const BURST = "16kb";

/** Machines of their own on one wire, each with an uplink of its own rate. Linux, root. */
export class Namespaces {
  #names = [];

  /** Why it cannot be had here, in one line; undefined when it can. */
  static problem() {
    if (process.platform !== "linux") return "network namespaces are Linux's";
    if (process.getuid?.() !== 0) return "network namespaces need root";
    for (const tool of ["ip", "tc"]) {
      if (spawnSync(tool, ["-V"]).status !== 0) return `there is no ${tool} (package iproute2)`;
    }
    const name = `lm-try-${process.pid}`;
    const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
    if (made.status !== 0) return `ip netns add: ${made.stderr.trim()}`;
    const shaped = spawnSync("ip", ["netns", "exec", name, "tc", ...shaping("lo", 1)], {
      encoding: "utf8",
    });
    spawnSync("ip", ["netns", "del", name]);
    return shaped.status === 0 ? undefined : `tc tbf: ${shaped.stderr.trim().split("\n")[0]}`;
  }

  constructor() {
    run("ip", "link", "add", BRIDGE, "type", "bridge");
    run("ip", "link", "set", BRIDGE, "up");
  }

  /** @param uplinkMbit What leaves it at most; what comes in is not bounded. */
  add(uplinkMbit) {
    const number = this.#names.length + 1;
    const name = `lm-${process.pid}-${number}`;
    const [near, far] = [`lmn${number}`, `lmf${number}`];
    run("ip", "netns", "add", name);
    this.#names.push(name);
    run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
    run("ip", "link", "set", near, "master", BRIDGE, "up");
    const inside = (...args) => run("ip", "netns", "exec", name, ...args);
    const address = `${NETWORK}.${number}`;
    inside("ip", "address", "add", `${address}/24`, "dev", far);
    inside("ip", "link", "set", far, "up");
    inside("ip", "link", "set", "lo", "up");
    inside("tc", ...shaping(far, uplinkMbit));
    return { name, address };
  }

  /** What runs a script of ours there. */
  command({ name }, script) {
    return ["ip", "netns", "exec", name, process.execPath, `${ROOT}${script}`];
  }

  close() {
    for (const name of this.#names) spawnSync("ip", ["netns", "del", name]);
    spawnSync("ip", ["link", "del", BRIDGE]);
  }
}

function shaping(device, mbit) {
  return `qdisc add dev ${device} root tbf rate ${mbit}mbit burst ${BURST} latency ${LATENCY}`.split(
    " ",
  );
}

function run(program, ...args) {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr.trim()}`);
}
