import { readdirSync, readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Scenario } from "../scenario.ts";
import { parseScenario } from "../scenario-file.ts";
import { ScenarioError } from "../shape.ts";
import { UsageError } from "./usage-error.ts";

/** The scenarios that come with the repository; as far from sources as from what is built of them. */
const FOLDER = fileURLToPath(new URL("../../../sim/scenarios/", import.meta.url));

export function scenarioNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
  return files.map((file) => basename(file, ".json")).sort();
}

/**
 * A scenario by name, or from any JSON file.
 * @throws {UsageError} When there is none, or something is wrong in it.
 */
export function loadScenario(nameOrFile: string): Scenario {
  const isFile = extname(nameOrFile) === ".json";
  if (!isFile && !scenarioNames().includes(nameOrFile)) {
    throw new UsageError(
      `there is no scenario "${nameOrFile}"; there are ${scenarioNames().join(", ")}, or name a .json file`,
    );
  }
  const file = isFile ? nameOrFile : `${FOLDER}${nameOrFile}.json`;
  try {
    return parseScenario(JSON.parse(read(file)), basename(file, ".json"));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ScenarioError) {
      throw new UsageError(`${nameOrFile}: ${error.message}`);
    }
    throw error;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}
