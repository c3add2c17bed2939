import { CommanderError } from "commander";
import { createProgram, describeProblem } from "./program.ts";
import { runCommand } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

/** Exit code for what the person at the command line can put right. */
const EXIT_USAGE = 2;

// A reader that went away (`npm run sim | head`) is no reason to stop, and nobody to tell.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const program = createProgram((flags) => {
  process.exitCode = runCommand(flags);
});

try {
  program.parse();
} catch (error) {
  if (error instanceof CommanderError) {
    const problem = describeProblem(error, program);
    if (problem !== undefined) fail(problem);
  } else if (error instanceof UsageError) {
    fail(error.message);
  } else {
    throw error;
  }
}

function fail(message: string): void {
  process.stderr.write(`sim: ${message}\n`);
  process.exitCode = EXIT_USAGE;
}
