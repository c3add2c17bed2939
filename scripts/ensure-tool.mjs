// Programs that tests try livemesh against: the one that is there, or one that is installed now.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian's packages, and how the program is asked whether it works. */
const TOOLS = {
  ffmpeg: { packages: ["ffmpeg"], versionFlag: "-version" },
  // ffmpeg brings libavcodec, with which Firefox decodes H.264 and AAC on Debian.
  "firefox-esr": { packages: ["firefox-esr", "ffmpeg"], versionFlag: "--version" },
  "gst-launch-1.0": {
    // Where tcpclientsrc, tsdemux, the parsers and the decoders are, in this order.
    packages: ["tools", "plugins-base", "plugins-bad", "plugins-good", "libav"].map(
      (name) => `gstreamer1.0-${name}`,
    ),
    versionFlag: "--version",
  },
  nginx: { packages: ["nginx-light"], versionFlag: "-v" },
  "redis-server": { packages: ["redis-server"], versionFlag: "--version" },
  turnserver: { packages: ["coturn"], versionFlag: "--version" },
};
/** Where servers are, which are not on everybody's PATH. */
const SERVER_FOLDERS = ["/usr/sbin", "/usr/local/sbin"];
const INSTALL_TIMEOUT_MS = 3 * 60_000;

/**
 * Path of a program, installed if need be and allowed: as root, on Debian.
 *
 * @param {keyof typeof TOOLS} name
 * @param {(line: string) => void} [say] Told of an installation.
 * @returns {string | undefined} Undefined when there is none and none could be installed.
 */
export function ensureTool(name, say = () => {}) {
  return findTool(name) ?? (install(name, say) ? findTool(name) : undefined);
}

/**
 * Path of a program that is there.
 *
 * @param {keyof typeof TOOLS} name
 * @returns {string | undefined}
 */
export function findTool(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...SERVER_FOLDERS];
  const works = (path) => spawnSync(path, [TOOLS[name].versionFlag]).status === 0;
  return folders
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path) && works(path));
}

function install(name, say) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    say(`${name} is not installed: the tests that need it are skipped`);
    return false;
  }
  const { packages } = TOOLS[name];
  say(`${name} is not installed: apt-get install -y ${packages.join(" ")}`);
  const options = {
    stdio: "ignore",
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  const run = (...args) => spawnSync("/usr/bin/apt-get", args, options).status === 0;
  return run("update") && run("install", "-y", "--no-install-recommends", ...packages);
}
