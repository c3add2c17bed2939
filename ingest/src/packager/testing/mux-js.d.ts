/** The parts of mux.js that the tests hold the packager against; it brings no types of its own. */
declare module "mux.js" {
  type Stage = {
    push(data: unknown): void;
    flush(): void;
    pipe(next: Stage): Stage;
    on(event: "data", listener: (data: MuxData) => void): void;
  };
  type MuxData = { nalUnitType?: string; pts: number; dts: number; data: Uint8Array };
  const muxjs: {
    mp2t: {
      TransportPacketStream: new () => Stage;
      TransportParseStream: new () => Stage;
      ElementaryStream: new () => Stage;
    };
    codecs: { Adts: new () => Stage; h264: { H264Stream: new () => Stage } };
  };
  export default muxjs;
}
