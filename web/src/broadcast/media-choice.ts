export type SourceKind = "camera" | "screen" | "microphone" | "file";

/** Media to send, and what has to be let go with it. */
export type ChosenMedia = { stream: MediaStream; release(): void };

/** The second is Firefox's name for it. */
type CapturingVideo = HTMLVideoElement & {
  captureStream?(): MediaStream;
  mozCaptureStream?(): MediaStream;
};

/** @throws {DOMException} When the person or the browser says no. */
export async function chooseCamera(height: number, hasMicrophone: boolean): Promise<ChosenMedia> {
  return held(
    await navigator.mediaDevices.getUserMedia({
      video: { height: { ideal: height }, frameRate: { ideal: 30 } },
      audio: hasMicrophone,
    }),
  );
}

/** @throws {DOMException} When the person or the browser says no. */
export async function chooseMicrophone(): Promise<ChosenMedia> {
  return held(await navigator.mediaDevices.getUserMedia({ audio: true }));
}

/** The screen, with the microphone; or with the sound of the tab where there is no microphone. */
export async function chooseScreen(hasMicrophone: boolean): Promise<ChosenMedia> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { frameRate: { ideal: 30 } },
    audio: !hasMicrophone,
  });
  if (hasMicrophone) {
    const voice = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of voice.getAudioTracks()) stream.addTrack(track);
  }
  return held(stream);
}

/**
 * A file the browser can play, again and again.
 * @throws {TypeError} When it cannot, or when this browser gives nobody what it plays.
 */
export async function chooseFile(file: File): Promise<ChosenMedia> {
  const video: CapturingVideo = document.createElement("video");
  const capture = video.captureStream ?? video.mozCaptureStream;
  if (capture === undefined) {
    throw new TypeError("This browser cannot send files; Chrome, Edge and Firefox can");
  }
  const address = URL.createObjectURL(file);
  video.src = address;
  video.loop = true;
  // Heard by viewers, not here.
  video.volume = 0;
  try {
    await video.play();
  } catch {
    URL.revokeObjectURL(address);
    throw new TypeError(`This browser cannot play ${file.name}`);
  }
  const { stream, release } = held(capture.call(video));
  return {
    stream,
    release() {
      release();
      video.pause();
      URL.revokeObjectURL(address);
    },
  };
}

function held(stream: MediaStream): ChosenMedia {
  return { stream, release: () => stream.getTracks().map((track) => track.stop()) };
}
