// One simulated peer: the socket.io protocol over a real WebSocket, and nothing else, so that ten
// thousand fit one process that generates the load.
import WebSocket from "ws";

const OPTIONS = { perMessageDeflate: false, skipUTF8Validation: true };

export class TrackerPeer {
  /** Socket id, as the tracker chose it. */
  id = "";
  #socket;
  #acks = new Map();
  #nextAck = 0;
  #onEvent;
  #onOpen = () => {};
  #onFail = () => {};

  /**
   * @param {(name: string, message: any) => void} [onEvent] What the tracker says unasked.
   * @param {Record<string, string>} [headers] Of the request that opens the connection.
   */
  constructor(url, onEvent = () => {}, headers = {}) {
    this.#onEvent = onEvent;
    const address = `${url.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
    this.#socket = new WebSocket(address, { ...OPTIONS, headers });
    this.#socket.on("message", (bytes) => this.#receive(bytes.toString()));
    this.#socket.on("error", (error) => this.#onFail(error));
    this.#socket.on("close", () => this.#onFail(new Error("closed")));
  }

  opened() {
    return new Promise((resolve, reject) => {
      this.#onOpen = resolve;
      this.#onFail = reject;
    });
  }

  /** Resolves to the tracker's answer. */
  ask(name, message) {
    const ack = this.#nextAck++;
    this.#socket.send(`42${ack}${JSON.stringify([name, message])}`);
    return new Promise((resolve) => this.#acks.set(ack, resolve));
  }

  close() {
    this.#socket.terminate();
  }

  #receive(text) {
    if (text === "2") return this.#socket.send("3");
    if (text.startsWith("0")) return this.#socket.send("40");
    if (text.startsWith("40")) {
      this.id = JSON.parse(text.slice(2)).sid;
      return this.#onOpen();
    }
    if (text.startsWith("44")) return this.#onFail(new Error(text.slice(2)));
    const start = text.indexOf("[");
    if (start < 0) return undefined;
    const parts = JSON.parse(text.slice(start));
    if (text.startsWith("43")) {
      const ack = Number(text.slice(2, start));
      this.#acks.get(ack)?.(parts[0]);
      return this.#acks.delete(ack);
    }
    return this.#onEvent(parts[0], parts[1]);
  }
}
