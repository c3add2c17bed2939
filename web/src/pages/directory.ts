import { type FoundStream, inOrder, matching, readStreams } from "./found-streams.ts";
import { elementById, getJson, poll } from "./poll.ts";
import { StreamCards } from "./stream-cards.ts";
import { summaryText } from "./stream-text.ts";
import { offerThemes } from "./theme.ts";
import { TrackerList } from "./tracker-list.ts";

const REFRESH_MS = 3000;

offerThemes(elementById("theme", HTMLElement));
const summary = elementById("summary", HTMLElement);
const empty = elementById("empty", HTMLElement);
const nothing = elementById("nothing", HTMLElement);
const search = elementById("search", HTMLInputElement);
const cards = new StreamCards(
  elementById("streams", HTMLElement),
  elementById("card", HTMLTemplateElement),
);
const trackers = new TrackerList(() => void refresh());
/** Of all trackers, as of the last look. */
let found: FoundStream[] = [];

search.addEventListener("input", show);
poll(refresh, REFRESH_MS);

async function refresh(): Promise<void> {
  const [own, ...others] = await Promise.all([
    streamsOf(undefined),
    ...trackers.urls.map((url) => streamsOf(url)),
  ]);
  for (const [i, url] of trackers.urls.entries()) trackers.tell(url, others[i]?.length);
  const lists = [own, ...others].flatMap((list) => list ?? []);
  found = inOrder(lists);
  const words =
    own === undefined
      ? "The server does not answer. Trying again…"
      : summaryText(found.map(({ stream }) => stream));
  if (summary.textContent !== words) summary.textContent = words;
  empty.hidden = found.length > 0 || own === undefined;
  search.hidden = found.length < 2 && search.value === "";
  show();
}

function show(): void {
  const shown = matching(found, search.value);
  cards.show(shown);
  nothing.hidden = found.length === 0 || shown.length > 0;
}

/** Undefined when the tracker does not answer. */
async function streamsOf(tracker: string | undefined): Promise<FoundStream[] | undefined> {
  const answer = await getJson<unknown>(`${tracker ?? ""}/api/streams`);
  if (answer === undefined) return undefined;
  return readStreams(answer).map((stream) => ({ stream, tracker }));
}
