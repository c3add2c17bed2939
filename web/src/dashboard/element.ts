type Child = Node | string;

/** An element with properties and children, for pages that are made as they are needed. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Omit<HTMLElementTagNameMap[K], "style">> & { class?: string } = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const { class: names, ...rest } = properties;
  const made = document.createElement(tag);
  if (names !== undefined) made.className = names as string;
  Object.assign(made, rest);
  made.append(...children);
  return made;
}
