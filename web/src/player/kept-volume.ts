const KEY = "livemesh-volume";

/** The part of a media element that this needs. */
export type VolumeOwner = Pick<HTMLMediaElement, "volume" | "addEventListener">;

/**
 * The volume somebody chose, also on their next visit. Not whether it was muted: that is for the
 * page and the browser to say.
 * @param storage Throws, as its methods may, where storage is blocked: then every visit is the first.
 */
export function keepVolume(
  video: VolumeOwner,
  storage: () => Pick<Storage, "getItem" | "setItem">,
) {
  const kept = Number.parseFloat(attempt(() => storage().getItem(KEY)) ?? "");
  if (kept >= 0 && kept <= 1) video.volume = kept;
  video.addEventListener("volumechange", () => {
    attempt(() => storage().setItem(KEY, String(video.volume)));
  });
}

function attempt<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
