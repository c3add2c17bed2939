/** Calls back once when the first frame is on screen. Returns what cancels it. */
export function onFirstFrame(video: HTMLVideoElement, callback: () => void): () => void {
  const listeners = new AbortController();
  const done = () => {
    if (listeners.signal.aborted) return;
    listeners.abort();
    callback();
  };
  const handle = video.requestVideoFrameCallback?.(done);
  // Nothing is ever drawn of a stream without a picture, in a hidden tab, or in an older browser
  // that could tell.
  const signal = listeners.signal;
  for (const event of ["playing", "timeupdate"]) {
    video.addEventListener(
      event,
      () => {
        const isDrawn = handle !== undefined && !document.hidden && video.videoWidth > 0;
        if (!isDrawn && video.currentTime > 0 && !video.paused) done();
      },
      { signal },
    );
  }
  return () => {
    listeners.abort();
    if (handle !== undefined) video.cancelVideoFrameCallback(handle);
  };
}
