import type { StreamId } from "./ids.ts";

/** What the server says first, as JSON, to an encoder on the WebSocket at `/publish/:key`. */
export type PublishGreeting = { streamId: StreamId };

/** Why the server closed that WebSocket: as the HTTP status of the same push, plus 4000. */
export const PUBLISH_CLOSE = { wrongKey: 4403, encoderLive: 4409, notReady: 4503 } as const;
