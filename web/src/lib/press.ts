/** Whether a mouse button, finger or pen is down. */
let isDown = false;
const down = () => {
  isDown = true;
};
const up = () => {
  isDown = false;
};
const listening = { capture: true, passive: true } as const;
document.addEventListener("pointerdown", down, listening);
document.addEventListener("pointerup", up, listening);
document.addEventListener("pointercancel", up, listening);

/**
 * Do *action* now or, while something is being pressed, once that is over.
 *
 * For what moves the page when an input is left: a click is lost when its button goes from under
 * the pointer between press and release.
 */
export function afterPress(action: () => void): void {
  if (!isDown) {
    action();
    return;
  }
  const done = () => {
    document.removeEventListener("pointerup", done, listening);
    document.removeEventListener("pointercancel", done, listening);
    // The click comes right after the release.
    setTimeout(action);
  };
  document.addEventListener("pointerup", done, listening);
  document.addEventListener("pointercancel", done, listening);
}
