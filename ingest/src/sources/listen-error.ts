import { IngestError } from "../ingest-error.ts";
import { describeFailure, failureCode } from "./describe-failure.ts";

/** Why a source cannot wait for an encoder where it was told to. */
export function listenError(name: string, error: unknown): IngestError {
  if (error instanceof IngestError) return error;
  const isTaken = failureCode(error) === "EADDRINUSE";
  const message = `cannot listen on ${name}: ${describeFailure(error)}`;
  return new IngestError(isTaken ? "port-in-use" : "address-unavailable", message, {
    cause: error,
  });
}
