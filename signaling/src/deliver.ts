import type { SocketLimits } from "./limits.ts";
import type { TrackerServer } from "./open-sockets.ts";
import type { Delivery } from "./registry.ts";
import type { TrackerCounters } from "./tracker-counters.ts";

type DelivererOptions = {
  limits: Pick<SocketLimits, "waitingMessages">;
  counters: TrackerCounters;
  /** Sockets that are not here may be at another tracker. */
  isClustered: boolean;
};

/** Sends what the registry decided: to sockets here directly, to others through the cluster. */
export function deliverer(
  io: TrackerServer,
  options: DelivererOptions,
): (deliveries: readonly Delivery[]) => void {
  return (deliveries) => {
    for (const delivery of deliveries) {
      const here = delivery.to.filter((id) => canTake(io, id, options));
      // Several receivers share one encoding; each socket is a room of its own.
      if (here.length > 0) emit(io.local.to(here), delivery);
      if (!options.isClustered) continue;
      const elsewhere = delivery.to.filter((id) => !io.sockets.sockets.has(id));
      if (elsewhere.length > 0) emit(io.to(elsewhere), delivery);
    }
  };
}

function emit(to: Pick<TrackerServer, "emit">, delivery: Delivery): void {
  switch (delivery.event) {
    case "introduce":
      to.emit("introduce", delivery.message);
      break;
    case "relay":
      to.emit("relay", delivery.message);
      break;
    case "descriptor":
      to.emit("descriptor", delivery.message);
      break;
    case "steer":
      to.emit("steer", delivery.message);
      break;
  }
}

/** Whether a socket is here and reads what it is sent; one that does not is closed. */
function canTake(io: TrackerServer, id: string, { limits, counters }: DelivererOptions): boolean {
  const socket = io.sockets.sockets.get(id);
  if (socket === undefined) return false;
  if (waitingMessages(socket.conn) < limits.waitingMessages) return true;
  counters.droppedSockets++;
  socket.disconnect(true);
  return false;
}

/** Messages engine.io holds because the connection does not take them. */
function waitingMessages(connection: object): number {
  const waiting: unknown = Reflect.get(connection, "writeBuffer");
  return Array.isArray(waiting) ? waiting.length : 0;
}
