import { Command, type CommanderError } from "commander";
import { packageVersion } from "./package-paths.ts";

/** The command line without any command. Throws `CommanderError` instead of ending the process. */
export function createBaseProgram(): Command {
  return new Command("livemesh")
    .description("Live video from an encoder to browsers, the viewers carrying the traffic.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", '\nRun "livemesh <command> --help" for the options of a command.')
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
}

/** One line for whatever commander did not understand; undefined when it only printed help. */
export function describeProblem(error: CommanderError): string | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === "commander.help")
    return "a command is needed: serve, tracker, ingest, peer, swarm, ctl or token";
  return error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
}

export function subcommand(program: Command, name: string, options = {}): Command {
  return program
    .command(name, options)
    .helpOption("-h, --help", "print this help")
    .allowExcessArguments(false);
}
