import { Command, type CommanderError, Option } from "commander";
import { SCHEDULERS } from "#mesh";
import {
  parseOption,
  parsePeers,
  parseResourceIndex,
  parseSeconds,
  parseSeed,
  parseSeeds,
} from "./value-parsers.ts";

export type SimFlags = {
  scenario: string;
  peers?: number;
  seed: number;
  seeds?: number[];
  seconds?: number;
  resourceIndex?: number;
  scheduler?: string;
  overlay?: string;
  topology?: string;
  option?: Record<string, number>;
  json: boolean;
  plot?: string;
  compare: boolean;
  sweep: boolean;
  crossCheck: boolean;
  flat: boolean;
  quiet: boolean;
};

const EXAMPLES = `
Examples:
  $ npm run sim -- --scenario flash-crowd --peers 1000 --seed 7
  $ npm run sim -- --scenario half-gone --plot half-gone.html
  $ npm run sim -- --scenario low-resources --resource-index 1.05 --seeds 1-5
  $ npm run sim -- --compare --peers 100
  $ npm run sim -- --sweep --peers 100
  $ npm run sim -- --cross-check --peers 1000
  $ npm run sim -- --flat --peers 100000

Ends with 1 when an invariant was violated or the models differ, with 2 when the command line is wrong.
`;

/** The whole command line. Throws `CommanderError` instead of ending the process. */
export function createProgram(run: (flags: SimFlags) => void): Command {
  return new Command("sim")
    .description("The shipped engine, many times, in virtual time.")
    .option("--scenario <name>", "one of sim/scenarios, or a JSON file", "steady")
    .option("--peers <number>", "viewers in all (default: the scenario's)", parsePeers)
    .option("--seed <number>", "what chance is drawn from: same seed, same run", parseSeed, 1)
    .addOption(
      new Option("--seeds <range>", "several runs, as 1-5").argParser(parseSeeds).conflicts("plot"),
    )
    .option("--seconds <number>", "virtual time (default: the scenario's)", parseSeconds)
    .option(
      "--resource-index <number>",
      "scale uplinks: what all can send over what all need, as 1.05",
      parseResourceIndex,
    )
    .addOption(
      new Option("--scheduler <name>", "instead of the scenario's").choices([...SCHEDULERS]),
    )
    .option("--overlay <name>", "how neighbors are chosen, instead of the scenario's")
    .addOption(
      new Option("--topology <file>", "who is linked to whom, as JSON: overlay static").conflicts([
        "overlay",
        "flat",
      ]),
    )
    .option("--option <name=value>", "an engine option of all viewers, repeatable", parseOption)
    .option("--json", "a JSON line per run instead of a table", false)
    .option("--plot <file>", "write the curves of the run as a page")
    .addOption(
      new Option("--compare", "all schedulers on the same seeds")
        .default(false)
        .conflicts(["plot", "scheduler"]),
    )
    .addOption(
      new Option("--sweep", "resource indexes from 1.05 to 3 on the same seeds")
        .default(false)
        .conflicts(["plot", "compare", "resourceIndex"]),
    )
    .addOption(
      new Option("--cross-check", "the flat model against the engine on the same seeds")
        .default(false)
        .conflicts(["plot", "compare", "sweep", "flat", "topology"]),
    )
    .addOption(
      new Option("--flat", "the same rules over typed arrays, for swarms of up to 100,000")
        .default(false)
        .conflicts(["plot", "compare"]),
    )
    .option("--quiet", "no progress on standard error", false)
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
    .action((flags: SimFlags) => run(flags));
}

/** One line for whatever commander did not understand; undefined when it only printed help. */
export function describeProblem(error: CommanderError, program: Command): string | undefined {
  if (error.exitCode === 0) return undefined;
  const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  if (error.code !== "commander.unknownOption") return message;
  const known = program.options.map(({ long }) => long);
  return `${message}; there are ${known.join(", ")}`;
}
