import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Lets some requests take as long as they like. Node ends every one whose body is not there after
 * the server's `requestTimeout`, which protects from slow clients; an encoder's body never ends.
 */
export class EndlessRequests {
  readonly #sockets = new WeakSet<Socket>();

  constructor(server: Server) {
    const handlers = server.listeners("clientError");
    server.removeAllListeners("clientError");
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      // Told once per request; what else goes wrong with it is for the others to handle.
      const isTooLong = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
      if (isTooLong && this.#sockets.has(socket as Socket)) return;
      for (const handler of handlers) Reflect.apply(handler, server, [error, socket]);
    });
  }

  allow(socket: Socket): void {
    this.#sockets.add(socket);
  }
}
