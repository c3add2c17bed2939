import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { simPeerId } from "../ids.ts";
import { createProgram, describeProblem, type SimFlags } from "./program.ts";
import { replayCommand } from "./replay.ts";
import { scenarioOf } from "./run-command.ts";
import { loadScenario, scenarioNames } from "./scenario-files.ts";
import { loadTopology } from "./topology-flag.ts";
import { variantsOf } from "./variants.ts";

function parse(line: string): SimFlags {
  let parsed: SimFlags | undefined;
  createProgram((flags) => {
    parsed = flags;
  }).parse(line.split(" ").filter(Boolean), { from: "user" });
  if (parsed === undefined) throw new Error("the program did not run");
  return parsed;
}

function problemOf(line: string): string | undefined {
  const program = createProgram(() => {});
  try {
    program.parse(line.split(" "), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return describeProblem(error, program);
    throw error;
  }
  return undefined;
}

describe("the simulator's command line", () => {
  it("has defaults for everything", () => {
    const flags = {
      scenario: "steady",
      seed: 1,
      json: false,
      compare: false,
      sweep: false,
      crossCheck: false,
      flat: false,
      quiet: false,
    };
    expect(parse("")).toEqual(flags);
  });

  it("takes all options", () => {
    const line =
      "--scenario churn --peers 50 --seeds 3-5 --seconds 30 --resource-index 1.05 --json --quiet " +
      "--scheduler striped-push --option pushShare=0.5 --option degreeTarget=6";
    expect(parse(line)).toMatchObject({
      scenario: "churn",
      peers: 50,
      seeds: [3, 4, 5],
      seconds: 30,
      resourceIndex: 1.05,
      scheduler: "striped-push",
      option: { pushShare: 0.5, degreeTarget: 6 },
      json: true,
    });
  });

  it.each([
    ["--turbo 3", /unknown option .--turbo.; there are --scenario, --peers/],
    ["--peers many", /whole number from 1/],
    ["--seeds 5-3", /range as 1-5/],
    ["--resource-index 0", /number from 0.5 to 10/],
    ["--option push=1", /engine options are degreeTarget/],
    ["--option pushShare=much", /pushShare needs a number/],
    ["--scheduler best", /striped-push/],
    ["steady", /too many arguments/],
    ["--compare --plot a.html", /cannot be used/],
    ["--compare --scheduler striped-push", /cannot be used/],
    ["--sweep --resource-index 2", /cannot be used/],
    ["--cross-check --flat", /cannot be used/],
    ["--topology a.json --overlay random", /cannot be used/],
    ["--flat --plot a.html", /cannot be used/],
  ])("says in one line what is wrong: %s", (line, problem) => {
    expect(problemOf(line)).toMatch(problem);
    expect(problemOf(line)).not.toContain("\n");
  });

  it("tells which scenarios there are", () => {
    expect(() => loadScenario("chaos")).toThrow(/no scenario "chaos"; there are churn, /);
    expect(() => loadScenario("chaos.json")).toThrow(/chaos.json cannot be read/);
  });

  it("prints the command that does a run again", () => {
    const flags = parse("--scenario churn --peers 50 --seeds 3-5 --option pushShare=0.5");
    const words = "npm run sim -- --scenario churn --seed 4 --peers 50 --option pushShare=0.5";
    expect(replayCommand(flags, 4)).toBe(words);
  });

  it("gives each of several runs side by side the command that does it alone", () => {
    const commandsOf = (line: string) =>
      variantsOf(parse(line), "striped-push").map(({ name, flags }) => [
        name,
        replayCommand(flags, 1).replace("npm run sim -- --scenario steady --seed 1 ", ""),
      ]);
    expect(commandsOf("--compare --peers 9")).toContainEqual([
      "deadline-pull",
      "--peers 9 --scheduler deadline-pull",
    ]);
    expect(commandsOf("--sweep --peers 9")[0]).toEqual(["1.05", "--peers 9 --resource-index 1.05"]);
    expect(commandsOf("--cross-check --peers 9")[1]).toEqual(["flat model", "--peers 9 --flat"]);
  });

  it("changes the scenario as it is told", () => {
    const flags = parse("--scenario flash-crowd --peers 100 --seconds 20 --option pushShare=0.4");
    expect(scenarioOf(flags)).toMatchObject({
      name: "flash-crowd",
      peers: 10,
      durationMs: 20_000,
      options: { pushShare: 0.4 },
    });
  });
});

describe("strategies that do not exist", () => {
  it("are refused in the engine's words before anything runs", () => {
    const scenario = { ...parse(""), scheduler: "best" };
    expect(() => scenarioOf(scenario)).toThrow(/"best"/);
  });
});

describe("a topology", () => {
  const folder = mkdtempSync(join(tmpdir(), "livemesh-topology-"));
  const file = join(folder, "chain.json");
  const chain = { links: { seeder: ["peer0"], peer0: ["peer1"] } };

  it("is read from the file that swarms of processes read, and makes the overlay static", () => {
    writeFileSync(file, JSON.stringify(chain));
    expect(scenarioOf(parse(`--topology ${file}`)).overlay).toBe("static");
    expect(loadTopology(file, 2)[simPeerId(0)]).toEqual([simPeerId(1)]);
  });

  it("is refused in one line that names the file", () => {
    writeFileSync(file, JSON.stringify(chain));
    expect(() => loadTopology(file, 1)).toThrow(`${file}: links.peer0[0]: there is no peer1`);
    writeFileSync(file, "{");
    expect(() => loadTopology(file, 1)).toThrow(`${file}: `);
    expect(() => loadTopology("nowhere.json", 1)).toThrow("nowhere.json cannot be read");
  });

  it("is what overlay static cannot do without", () => {
    expect(() => scenarioOf(parse("--overlay static"))).toThrow("--topology");
  });
});

describe("the scenarios of the repository", () => {
  const files = readdirSync(new URL("../../scenarios/", import.meta.url));

  it("are all found", () => {
    expect(scenarioNames()).toHaveLength(files.length);
  });

  it.each(scenarioNames())("can be read: %s", (name) => {
    const scenario = loadScenario(name);
    expect(scenario.name).toBe(name);
    expect(scenario.about.length).toBeGreaterThan(20);
    // Viewers of homes, unless they are to send nothing at all.
    const uploadLimitBps = name === "relays" ? 0 : 50_000_000;
    expect(scenario.options).toMatchObject({ uploadLimitBps });
  });
});
