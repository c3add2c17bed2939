const NAMES: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot" };

/** What somebody pastes into a page of theirs, from a watch URL. */
export function embedSnippet(watchUrl: string, title: string): string {
  const url = watchUrl.replace("/watch/", "/embed/");
  const escaped = (text: string) => text.replace(/[&<>"]/g, (each) => `&${NAMES[each]};`);
  return (
    `<iframe src="${escaped(url)}" width="640" height="360" title="${escaped(title)}" ` +
    `style="border:0" allow="autoplay; fullscreen; picture-in-picture; encrypted-media"></iframe>`
  );
}
