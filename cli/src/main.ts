import { type Command, CommanderError } from "commander";
import { describeProblem } from "./base-program.ts";
import { endWithParent } from "./end-with-parent.ts";

/** Exit code for what the person at the command line can put right. */
const EXIT_USAGE = 2;

/** Errors for that person, by name: their classes are in folders that not every command loads. */
const FOR_THE_USER = ["UsageError", "IngestError", "NodePeerError"];

endWithParent();

// A reader that went away (`livemesh --help | head`) is no reason to stop, and nobody to tell.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await (await loadProgram(process.argv[2])).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    const problem = describeProblem(error);
    if (problem !== undefined) fail(`${problem}; see livemesh --help`);
  } else if (error instanceof Error && FOR_THE_USER.includes(error.name)) {
    fail(error.message);
  } else {
    throw error;
  }
}

async function loadProgram(command: string | undefined): Promise<Command> {
  if (command === "peer") {
    const { createPeerOnlyProgram } = await import("./peer-only-program.ts");
    return createPeerOnlyProgram();
  }
  const [{ createProgram }, { commands }] = await Promise.all([
    import("./program.ts"),
    import("./commands.ts"),
  ]);
  return createProgram(commands);
}

function fail(message: string): void {
  process.stderr.write(`livemesh: ${message}\n`);
  process.exit(EXIT_USAGE);
}
