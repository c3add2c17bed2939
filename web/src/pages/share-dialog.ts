import { renderSVG } from "uqr";
import { embedSnippet } from "./embed-snippet.ts";
import { elementById } from "./poll.ts";

const SAID_MS = 2500;

/** What the dialog shows is made when it is opened for the first time. */
export function openShareDialog(title: string, watchUrl: string): void {
  const dialog = elementById("share-dialog", HTMLDialogElement);
  const link = elementById("share-link", HTMLInputElement);
  const embed = elementById("share-embed", HTMLTextAreaElement);
  if (link.value === "") listen(dialog);
  link.value = watchUrl;
  embed.value = embedSnippet(watchUrl, title);
  showQrCode(watchUrl);
  dialog.showModal();
  link.select();
}

function listen(dialog: HTMLDialogElement): void {
  // Beside the dialog is outside of it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  for (const button of dialog.querySelectorAll<HTMLElement>("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy ?? "");
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      button.addEventListener("click", () => void copy(field));
    }
  }
}

async function copy(field: HTMLInputElement | HTMLTextAreaElement): Promise<void> {
  const said = elementById("share-said", HTMLElement);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = "Copied";
  } catch {
    // Plain http on a LAN has no clipboard.
    said.textContent = "Selected: copy it with the keyboard";
  }
  setTimeout(() => {
    said.textContent = "";
  }, SAID_MS);
}

function showQrCode(text: string): void {
  const place = elementById("qr", HTMLElement);
  const image = document.createElement("img");
  image.alt = "QR code of the link";
  image.src = `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 2 }))}`;
  place.replaceChildren(image);
}
