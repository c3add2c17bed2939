import { parseArgs } from "node:util";

export const HELP = `npm run bench:swarm -- [options]

  --viewers <n>       tabs that watch, 1 to 50 (default 10)
  --seconds <s>       length of the measured span (default 60)
  --arrival <how>     steady: one after another, measured once all play (default)
                      flash: all in the same moment, measured from their arrival
  --every <ms>        between two arrivals when steady (default 1000)
  --churn <share>     share of the viewers that is closed at half time, 0 to 0.9 (default 0)
  --seed <n>          who is closed follows from it (default 1)
  --player <which>    livemesh: the watch page (default); hls: hls.js with a mesh behind it
  --clip <file>       MPEG-TS to send instead of the 1 Mbit/s test picture
  --serve="<options>" more options for livemesh serve, for one --serve="--chunk-ms 100"
  --json              the result as JSON instead of a table
  --save              also write it to bench/results/
  --screenshot <file> the first tab at the end, as PNG

The test picture is made once, with ffmpeg; without ffmpeg the built-in clip is sent.`;

/**
 * What to run, from the command line.
 * @throws {RangeError|TypeError} With one line that names the option.
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      viewers: { type: "string", default: "10" },
      seconds: { type: "string", default: "60" },
      arrival: { type: "string", default: "steady" },
      every: { type: "string", default: "1000" },
      churn: { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      player: { type: "string", default: "livemesh" },
      clip: { type: "string" },
      serve: { type: "string", default: "" },
      screenshot: { type: "string" },
      json: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.arrival !== "steady" && values.arrival !== "flash") {
    throw new RangeError(`--arrival is steady or flash, got "${values.arrival}"`);
  }
  if (values.player !== "livemesh" && values.player !== "hls") {
    throw new RangeError(`--player is livemesh or hls, got "${values.player}"`);
  }
  return {
    player: values.player,
    viewers: whole("viewers", values.viewers, 1, 50),
    seconds: whole("seconds", values.seconds, 2, 3600),
    arrival: values.arrival,
    everyMs: whole("every", values.every, 0, 60_000),
    churn: number("churn", values.churn, 0, 0.9),
    seed: whole("seed", values.seed, 0, 2 ** 31 - 1),
    clip: values.clip,
    serve: values.serve.split(" ").filter((word) => word !== ""),
    screenshot: values.screenshot,
    json: values.json,
    save: values.save,
    help: values.help,
  };
}

function whole(name, text, min, max) {
  const value = number(name, text, min, max);
  if (!Number.isInteger(value)) throw new RangeError(`--${name} is a whole number, got "${text}"`);
  return value;
}

function number(name, text, min, max) {
  const value = Number(text);
  if (text.trim() !== "" && value >= min && value <= max) return value;
  throw new RangeError(`--${name} is a number from ${min} to ${max}, got "${text}"`);
}
