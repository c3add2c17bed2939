import { type Command, InvalidArgumentError, Option } from "commander";
import { isPeerId } from "#protocol";
import {
  CONTROL_LIMITS,
  type Experiment,
  STEER_LIMITS,
  TUNABLE_NAMES,
  TUNABLE_OPTIONS,
  type TunableOption,
} from "#protocol/control";
import { subcommand } from "../base-program.ts";
import { integerBetween, parseMbitPerSecond, parseServerUrl } from "../value-parsers.ts";
import { ControlClient } from "./control-client.ts";
import { CtlActions } from "./ctl-actions.ts";

type CommonFlags = { server: string; token?: string; json: boolean };
export type RecordFlags = { what: "start" | "stop" | "json" | "csv" };
export type AlertFlags = {
  offloadBelow?: number;
  stallsAbove?: number;
  latencyAboveMs?: number;
  viewersMin?: number;
  holdSec?: number;
};
type Tuned = [TunableOption, number];

const EXAMPLES = `
Examples:
  $ livemesh ctl streams
  $ livemesh ctl mesh abc
  $ livemesh ctl throttle abc PEER PEER --upload 0.2 --for 60
  $ livemesh ctl tune abc pushShare=0.7 requestTimeoutMs=300 --chunk-ms 100
  $ livemesh ctl record abc csv --table peers > peers.csv

A stream is named by its id, or by as much of the beginning as no other stream has.
`;

/** The command line of `livemesh ctl`, on the subcommand made for it: what the dashboard does. */
export function addCtlCommands(ctl: Command): Command {
  ctl
    .description("Look at a running tracker's streams, and change them: what the dashboard does.")
    .addHelpText("after", EXAMPLES);

  command(ctl, "streams", "All streams and how they fare.").action((flags: CommonFlags) =>
    print(flags, (actions) => actions.streams()),
  );
  command(ctl, "mesh", "Who pushes what to whom.")
    .argument("<stream>")
    .action((stream: string, flags: CommonFlags) =>
      print(flags, (actions) => actions.mesh(stream)),
    );
  command(ctl, "peer", "One peer and its neighbors.")
    .argument("<stream>")
    .argument("<peer>", "id of the peer", parsePeer)
    .action((stream: string, peer: string, flags: CommonFlags) =>
      print(flags, (actions) => actions.peer(stream, peer)),
    );
  command(ctl, "history", "How a stream did in the last hour.")
    .argument("<stream>")
    .action((stream: string, flags: CommonFlags) =>
      print(flags, (actions) => actions.history(stream)),
    );
  addChanges(ctl);
  addRecord(ctl);
  addAlerts(ctl);
  return ctl;
}

function addChanges(ctl: Command): void {
  command(ctl, "tune", "Change options of the mesh for all peers; without any, end the experiment.")
    .argument("<stream>")
    .argument("[options...]", `name=value; of ${TUNABLE_NAMES.join(", ")}`, collectTuned, [])
    .option("--chunk-ms <ms>", "length of a chunk from now on", (text) =>
      integerBetween(text, STEER_LIMITS.chunkMs.min, STEER_LIMITS.chunkMs.max),
    )
    .action((stream: string, tuned: Tuned[], flags: CommonFlags & { chunkMs?: number }) => {
      const { chunkMs } = flags;
      const experiment: Experiment = {
        ...(tuned.length > 0 && { tuning: Object.fromEntries(tuned) }),
        ...(chunkMs !== undefined && { chunkMs }),
      };
      return print(flags, (actions) => actions.tune(stream, experiment));
    });

  type OrderFlags = CommonFlags & { for: number };
  const forSec = (made: Command) =>
    made.option(
      "--for <seconds>",
      "when it is over",
      (text) => integerBetween(text, 1, CONTROL_LIMITS.orderSec),
      60,
    );
  forSec(command(ctl, "throttle", "Have peers upload no more than so much."))
    .argument("<stream>")
    .argument("<peers...>", "their ids", collectPeers)
    .requiredOption("--upload <mbit>", "in Mbit/s", parseMbitPerSecond)
    .action((stream: string, peerIds: string[], flags: OrderFlags & { upload: number }) => {
      const order = { peerIds, uploadBps: flags.upload * 1e6, forSec: flags.for };
      return print(flags, (actions) => actions.order(stream, order));
    });
  forSec(command(ctl, "away", "Take peers out of the mesh, as if their links had broken."))
    .argument("<stream>")
    .argument("<peers...>", "their ids", collectPeers)
    .action((stream: string, peerIds: string[], flags: OrderFlags) => {
      const order = { peerIds, isAway: true, forSec: flags.for };
      return print(flags, (actions) => actions.order(stream, order));
    });
  command(ctl, "free", "Lift whatever order peers are under.")
    .argument("<stream>")
    .argument("<peers...>", "their ids", collectPeers)
    .action((stream: string, peerIds: string[], flags: CommonFlags) =>
      print(flags, (actions) => actions.order(stream, { peerIds, forSec: 1 })),
    );
}

function addRecord(ctl: Command): void {
  command(ctl, "record", "Record all figures of a stream: start, stop, or print as json or csv.")
    .argument("<stream>")
    .argument("<what>", "start, stop, json or csv", parseRecord)
    .addOption(
      new Option("--table <table>", "of csv: which one")
        .choices(["stream", "peers", "events"])
        .default("stream"),
    )
    .action((stream: string, what: RecordFlags["what"], flags: CommonFlags & { table: string }) =>
      print(flags, (actions) => actions.record(stream, what, flags.table)),
    );
}

function addAlerts(ctl: Command): void {
  command(ctl, "alerts", "What fires, and what is watched for; options change it.")
    .option("--offload-below <share>", "share of bytes from peers, 0 to 1", number(0, 1))
    .option("--stalls-above <count>", "stalls per viewer and minute", number(0, 60))
    .option("--latency-above <ms>", "median latency", number(0, 600_000))
    .option("--viewers-min <count>", "smaller swarms are not judged", number(1, 100_000))
    .option("--hold <seconds>", "for so long it has to be so", number(0, 3600))
    .action((flags: CommonFlags & AlertFlags & { latencyAbove?: number; hold?: number }) => {
      const { offloadBelow, stallsAbove, latencyAbove, viewersMin, hold } = flags;
      const change: AlertFlags = {
        ...(offloadBelow !== undefined && { offloadBelow }),
        ...(stallsAbove !== undefined && { stallsAbove }),
        ...(latencyAbove !== undefined && { latencyAboveMs: latencyAbove }),
        ...(viewersMin !== undefined && { viewersMin }),
        ...(hold !== undefined && { holdSec: hold }),
      };
      return print(flags, (actions) => actions.alerts(change));
    });
}

function command(ctl: Command, name: string, description: string): Command {
  return subcommand(ctl, name)
    .description(description)
    .option("--server <url>", "the tracker", parseServerUrl, "http://127.0.0.1:8080")
    .addOption(
      new Option(
        "--token <token>",
        "of `livemesh token admin`, where the tracker asks for one",
      ).env("LIVEMESH_TOKEN"),
    )
    .option("--json", "print what the API answered", false);
}

async function print(
  { server, token, json }: CommonFlags,
  act: (actions: CtlActions) => Promise<string>,
): Promise<void> {
  const actions = new CtlActions(new ControlClient({ server, token }), json);
  process.stdout.write(`${await act(actions)}\n`);
}

function parsePeer(text: string): string {
  if (!isPeerId(text)) throw new InvalidArgumentError("16 characters of a-z and 2-7 are needed");
  return text;
}

function collectPeers(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), parsePeer(text)];
}

function collectTuned(text: string, before: Tuned[]): Tuned[] {
  const [, name = "", value = ""] = /^(\w+)=([\d.]+)$/.exec(text) ?? [];
  const known = TUNABLE_NAMES.find((one) => one === name);
  if (known === undefined) {
    throw new InvalidArgumentError(`name=value is needed, of ${TUNABLE_NAMES.join(", ")}`);
  }
  const { min, max } = TUNABLE_OPTIONS[known];
  return [...before, [known, number(min, max)(value)]];
}

function parseRecord(text: string): RecordFlags["what"] {
  const known = (["start", "stop", "json", "csv"] as const).find((one) => one === text);
  if (known === undefined) throw new InvalidArgumentError("start, stop, json or csv is needed");
  return known;
}

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`a number from ${min} to ${max} is needed`);
    }
    return value;
  };
}
