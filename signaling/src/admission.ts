import type { Goodbye } from "#protocol";
import { type AllowedOrigins, isAllowedOrigin } from "./access/allowed-origins.ts";
import { type AddressLimit, addressOf } from "./address-limit.ts";
import { MOVING } from "./drain.ts";
import type { TrackerSocket } from "./peer-socket.ts";
import type { TrackerCounters } from "./tracker-counters.ts";

export type AdmissionOptions = {
  addresses: AddressLimit;
  isBehindProxy: boolean;
  allowedOrigins: AllowedOrigins;
  isDraining: () => boolean;
  counters: TrackerCounters;
};

/** When somebody who was not admitted may ask again, in ms. */
const RETRY_MS = 15_000;

/**
 * Who may have a socket, asked before it can say anything. Whoever may not is told why, in one line:
 * behind one address there can be a school.
 */
export function admission(options: AdmissionOptions) {
  const { addresses, isBehindProxy, allowedOrigins, counters } = options;
  return (socket: TrackerSocket, next: (error?: Error) => void): void => {
    const address = addressOf(socket.request, isBehindProxy);
    const { origin, host } = socket.handshake.headers;
    if (options.isDraining()) {
      next(refused(MOVING));
    } else if (addresses.isOver(address)) {
      counters.droppedSockets++;
      const most = `${addresses.max(address)} connections of one address are allowed`;
      next(tooMany(`${most}, and ${address} has as many; behind a proxy, see --trust-proxy`));
    } else if (!isOwnPage(origin, host) && !isAllowedOrigin(allowedOrigins, origin)) {
      counters.droppedSockets++;
      next(tooMany(`pages of ${origin} may not use this tracker; see --allow-origin`));
    } else {
      next();
    }
  };
}

function isOwnPage(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

function tooMany(message: string): Error {
  return refused({ code: "too-many", message, retryMs: RETRY_MS });
}

/** socket.io hands `data` to the client along with the message. */
function refused(data: Goodbye): Error {
  return Object.assign(new Error(data.message), { data });
}
