/** Light, dark, or as the system has it: what a visitor chose is remembered here. */
const KEY = "livemesh-theme";
const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const WORDS: Record<Theme, string> = {
  auto: "Colors: as the system has them",
  light: "Colors: light",
  dark: "Colors: dark",
};

/** Makes `button` go through the themes, and shows the one that was chosen before. */
export function offerThemes(button: HTMLElement): void {
  let theme = read();
  const show = () => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.dataset.theme = theme;
    button.setAttribute("aria-label", WORDS[theme]);
    button.title = WORDS[theme];
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    store(theme);
    show();
  });
  show();
}

function read(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? "auto";
  } catch {
    // Storage may be forbidden; then nothing is remembered.
    return "auto";
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above.
  }
}
