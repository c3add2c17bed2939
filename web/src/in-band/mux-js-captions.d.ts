/** The part of mux.js that reads captions; it brings no types of its own. */
declare module "mux.js/lib/m2ts/caption-stream" {
  export type CaptionEvent = {
    startPts: number;
    endPts: number;
    /** `CC1`, or `cc708_1` for the first service of CEA-708. */
    stream: string;
    /** CEA-708. */
    text?: string;
    /** CEA-608: rows from the top, 1 to 15, and how far they are indented, in percent. */
    content?: readonly { text: string; line: number; position: number }[];
  };
  export class CaptionStream {
    constructor(options: { parse708captions: boolean });
    on(event: "data", listener: (caption: CaptionEvent) => void): void;
    push(sei: { nalUnitType: string; escapedRBSP: Uint8Array; pts: number; dts: number }): void;
    flush(): void;
    /** CC1 to CC4. */
    readonly ccStreams_: readonly { flushDisplayed(pts: number): void }[];
    readonly cc708Stream_: {
      readonly services: Readonly<Record<number, Cea708Service>>;
      flushDisplayed(pts: number, service: Cea708Service): void;
    };
  }
  export type Cea708Service = { readonly serviceNum: number };
}
