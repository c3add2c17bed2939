import { CommanderError } from "commander";
import { IngestError } from "#ingest";
import { NodePeerError } from "#node-peer";
import { commands } from "./commands.ts";
import { endWithParent } from "./end-with-parent.ts";
import { createProgram, describeProblem } from "./program.ts";
import { UsageError } from "./usage-error.ts";

/** Exit code for what the person at the command line can put right. */
const EXIT_USAGE = 2;

endWithParent();

// A reader that went away (`livemesh --help | head`) is no reason to stop, and nobody to tell.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await createProgram(commands).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    const problem = describeProblem(error);
    if (problem !== undefined) fail(`${problem}; see livemesh --help`);
  } else if (isForTheUser(error)) {
    fail(error.message);
  } else {
    throw error;
  }
}

function isForTheUser(error: unknown): error is Error {
  const kinds = [UsageError, IngestError, NodePeerError];
  return kinds.some((kind) => error instanceof kind);
}

function fail(message: string): void {
  process.stderr.write(`livemesh: ${message}\n`);
  process.exit(EXIT_USAGE);
}
