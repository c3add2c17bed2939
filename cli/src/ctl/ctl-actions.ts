import type {
  Alerts,
  ControlPeer,
  ControlStream,
  Experiment,
  MeshPicture,
  PeerOrder,
  RecordingState,
  StreamPoint,
} from "#protocol/control";
import type { ControlClient } from "./control-client.ts";
import type { AlertFlags, RecordFlags } from "./ctl-program.ts";
import { alertsText, historyTable, meshTable, peerText, streamsTable } from "./tables.ts";

/** How long peers are given to tell, and the pause between two looks, in ms. */
const TOLD_WITHIN_MS = 6000;
const LOOK_MS = 500;

/** What each command of `livemesh ctl` prints, as text or as the JSON the API answered. */
export class CtlActions {
  readonly #client: ControlClient;
  readonly #isJson: boolean;

  constructor(client: ControlClient, isJson: boolean) {
    this.#client = client;
    this.#isJson = isJson;
  }

  async streams(): Promise<string> {
    return this.#show(await this.#client.json<ControlStream[]>("GET", "/streams"), streamsTable);
  }

  /** Peers are asked only while somebody looks: this looks until they have told. */
  async mesh(stream: string): Promise<string> {
    const path = `/streams/${await this.#client.streamId(stream)}/mesh`;
    const endMs = performance.now() + TOLD_WITHIN_MS;
    for (;;) {
      const picture = await this.#client.json<MeshPicture>("GET", path);
      const isComplete = picture.peers.length >= picture.asked;
      if (isComplete || performance.now() > endMs) return this.#show(picture, meshTable);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async peer(stream: string, peer: string): Promise<string> {
    await this.mesh(stream);
    const id = await this.#client.streamId(stream);
    return this.#show(
      await this.#client.json<ControlPeer>("GET", `/streams/${id}/peers/${peer}`),
      peerText,
    );
  }

  async history(stream: string): Promise<string> {
    const id = await this.#client.streamId(stream);
    const points = await this.#client.json<StreamPoint[]>("GET", `/streams/${id}/history`);
    return this.#show(points, historyTable);
  }

  async tune(stream: string, experiment: Experiment): Promise<string> {
    const id = await this.#client.streamId(stream);
    const told = await this.#client.json<ControlStream>(
      "PUT",
      `/streams/${id}/experiment`,
      experiment,
    );
    return this.#show(told, (one) =>
      Object.keys(one.experiment).length === 0
        ? "no experiment: everybody does as usual"
        : `experiment: ${JSON.stringify(one.experiment)}`,
    );
  }

  async order(stream: string, order: PeerOrder): Promise<string> {
    const id = await this.#client.streamId(stream);
    const told = await this.#client.json<ControlStream>("POST", `/streams/${id}/orders`, order);
    return this.#show(told, (one) => `${one.orderedPeers} peers are under an order`);
  }

  async record(stream: string, what: RecordFlags["what"], csvTable: string): Promise<string> {
    const path = `/streams/${await this.#client.streamId(stream)}/recording`;
    switch (what) {
      case "start":
        return this.#recording(await this.#client.json("PUT", path, {}));
      case "stop":
        return this.#recording(await this.#client.json("DELETE", path));
      case "json":
        return this.#client.text(path);
      case "csv":
        return (await this.#client.text(`${path}.csv?table=${csvTable}`)).trimEnd();
    }
  }

  async alerts(change: AlertFlags): Promise<string> {
    const now = await this.#client.json<Alerts>("GET", "/alerts");
    if (Object.keys(change).length === 0) return this.#show(now, alertsText);
    const rules = { ...now.rules, ...change };
    return this.#show(await this.#client.json<Alerts>("PUT", "/alerts", rules), alertsText);
  }

  #recording(state: RecordingState): string {
    return this.#show(state, ({ isRunning, points, peerRows }) =>
      isRunning
        ? `recording: ${points} points and ${peerRows} rows of peers so far`
        : `not recording; there are ${points} points and ${peerRows} rows of peers`,
    );
  }

  #show<T>(answer: T, write: (answer: T) => string): string {
    return this.#isJson ? JSON.stringify(answer) : write(answer);
  }
}
