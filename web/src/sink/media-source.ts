/** `ManagedMediaSource` where there is one (iPhones have nothing else), else `MediaSource`. */
export function mediaSourceClass(): typeof MediaSource | undefined {
  const classes = globalThis as {
    ManagedMediaSource?: typeof MediaSource;
    MediaSource?: typeof MediaSource;
  };
  return classes.ManagedMediaSource ?? classes.MediaSource;
}

/**
 * Give a media element a fresh media source.
 * @throws {TypeError} In a browser without Media Source Extensions.
 */
export function attachMediaSource(video: HTMLVideoElement): {
  mediaSource: MediaSource;
  detach(): void;
} {
  const Class = mediaSourceClass();
  if (Class === undefined) throw new TypeError("this browser has no Media Source Extensions");
  const mediaSource = new Class();
  // A managed source only opens when nothing could be sent to a television instead.
  video.disableRemotePlayback = true;
  const url = URL.createObjectURL(mediaSource);
  video.src = url;
  return {
    mediaSource,
    detach() {
      URL.revokeObjectURL(url);
      if (video.src !== url) return;
      video.removeAttribute("src");
      video.load();
    },
  };
}
