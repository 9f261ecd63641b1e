import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

const STORAGE_KEY = "sluiceway.theme";
const DARK_CLASS = "bp6-dark";
const listeners = new Set<() => void>();
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

/** Show the pages light or dark as chosen, and follow the system from then on. */
export function startTheme(): void {
  apply();
  systemDark.addEventListener("change", apply);
}

/** The choice, whether it is dark now, and how to choose. */
export function useTheme() {
  const choice = useSyncExternalStore(subscribe, readChoice);
  const isDark = useSyncExternalStore(subscribe, isDarkNow);
  return { choice, isDark, choose };
}

function choose(choice: ThemeChoice): void {
  try {
    window.localStorage.setItem(STORAGE_KEY, choice);
  } catch {
    // Storage may be switched off: the choice then lasts until the page is left.
  }
  chosen = choice;
  apply();
}

let chosen: ThemeChoice | undefined;

function readChoice(): ThemeChoice {
  if (chosen === undefined) {
    const stored = readStored();
    chosen = stored === "light" || stored === "dark" ? stored : "system";
  }
  return chosen;
}

function readStored(): string | null {
  try {
    return window.localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

function isDarkNow(): boolean {
  const choice = readChoice();
  return choice === "system" ? systemDark.matches : choice === "dark";
}

function apply(): void {
  document.documentElement.classList.toggle(DARK_CLASS, isDarkNow());
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
