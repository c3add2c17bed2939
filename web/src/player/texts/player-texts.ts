/** What stands on the picture. `{name}` is filled in. */
export type PictureTexts = {
  player: string;
  play: string;
  unmute: string;
  connecting: string;
  waitingForStream: string;
  offline: string;
  ended: string;
  buffering: string;
  failed: string;
  unsupportedCodec: string;
  noMediaSource: string;
  mediaRefused: string;
  /** The picture is in a codec this browser lacks. */
  soundOnly: string;
};

/** What stands in the control bar, the settings and the statistics; loaded with them. */
export type ControlsTexts = {
  /** The sound is in a codec this browser lacks. */
  noSound: string;
  audioOnly: string;
  /** Why it plays over HTTP alone. */
  noWebRtc: string;
  nobodyReached: string;
  trackerAway: string;
  p2pSwitchedOff: string;
  p2pNoConsent: string;
  p2pSaving: string;
  p2pBatteryLow: string;
  p2pBudgetUsedUp: string;
  p2pSmallAudience: string;
  p2pHidden: string;
  live: string;
  jumpToLive: string;
  statistics: string;
  settings: string;
  close: string;
  seek: string;
  behindLive: string;
  quality: string;
  automatic: string;
  audioTrack: string;
  captions: string;
  captionsOff: string;
  latency: string;
  seconds: string;
  share: string;
  shareHint: string;
  saved: string;
  nothingYet: string;
  fromViewers: string;
  fromSeeder: string;
  fromServer: string;
  target: string;
  buffer: string;
  startup: string;
  neighbors: string;
  neighborsValue: string;
  received: string;
  uploaded: string;
  overhead: string;
  overheadValue: string;
  blocks: string;
  blocksValue: string;
  stalls: string;
  skipped: string;
  droppedFrames: string;
  feedsUs: string;
  fedByUs: string;
  seeder: string;
  viewer: string;
  connection: string;
  connectionFine: string;
  iceNoCandidates: string;
  iceNoServer: string;
  iceNoRelay: string;
  iceRelayRefused: string;
  iceNoAnswer: string;
  iceNoPath: string;
  iceNoChannel: string;
};

export type PlayerTexts = PictureTexts & ControlsTexts;

/** `fill("{share} saved", { share: "83 %" })`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
