/** Its source; a build needs `scripts/slim-simple-peer.mjs`, which gives it what it requires of Node. */
declare module "simple-peer/index.js" {
  export type SimplePeerSignal =
    | { type: "offer" | "answer"; sdp: string }
    | {
        type: "candidate";
        candidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number | null };
      }
    | { type: "renegotiate"; renegotiate: true }
    | { type: "transceiverRequest"; transceiverRequest: unknown };

  export type SimplePeerOptions = {
    initiator: boolean;
    /** Keeps empty messages, and messages apart from each other. */
    objectMode: true;
    trickle: true;
    channelName?: string;
    channelConfig: RTCDataChannelInit;
    config: RTCConfiguration;
  };

  type SimplePeerEvents = {
    signal: [signal: SimplePeerSignal];
    connect: [];
    /** Binary messages as bytes, text as text. */
    data: [message: Uint8Array | string];
    error: [error: Error & { code?: string }];
    close: [];
  };

  export default class SimplePeer {
    static readonly WEBRTC_SUPPORT: boolean;
    constructor(options: SimplePeerOptions);
    /** Internal, but there is no other way to the channel's own events and water marks. */
    readonly _channel: RTCDataChannel | null | undefined;
    /** Internal as well: what tells how far ICE came. */
    readonly _pc: RTCPeerConnection | null | undefined;
    readonly destroyed: boolean;
    signal(signal: SimplePeerSignal): void;
    send(bytes: Uint8Array): void;
    destroy(error?: Error): void;
    on<E extends keyof SimplePeerEvents>(
      event: E,
      listener: (...values: SimplePeerEvents[E]) => void,
    ): this;
  }
}
