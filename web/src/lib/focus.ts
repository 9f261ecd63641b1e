const INPUT =
  ":is(input:not([type=radio]), input[type=radio]:checked, select, textarea, [contenteditable=true]):not(:disabled)";
const FOOTER = ".bp6-dialog-footer-actions button:not(:disabled)";

/**
 * Bring the focus into a dialog that has just opened, unless it is there already.
 *
 * To its first input, else to its first button at the bottom: the one that changes nothing.
 * Blueprint itself would leave it on an element without a name in front of the dialog.
 */
export function focusInside(overlay: HTMLElement): void {
  const dialog = overlay.querySelector<HTMLElement>("[role=dialog]") ?? overlay;
  if (dialog.contains(document.activeElement)) return;
  const found =
    dialog.querySelector<HTMLElement>(INPUT) ??
    dialog.querySelector<HTMLElement>(FOOTER) ??
    dialog.querySelector<HTMLElement>("button");
  found?.focus();
}
