import { Button, type ButtonProps, PopoverNext, type PopoverNextProps } from "@blueprintjs/core";
import { type KeyboardEvent, type ReactElement, useRef } from "react";

const ITEMS = ".bp6-menu-item:not(.bp6-disabled)";

interface MenuButtonProps extends Omit<ButtonProps, "onClick" | "ref"> {
  /** The `<Menu>` that the button opens. */
  menu: ReactElement;
  placement?: NonNullable<PopoverNextProps["placement"]>;
}

/**
 * A button that opens a menu; arrow keys, Home and End walk through it.
 *
 * The focus is back on the button before an item acts, so that a dialog which the item opens keeps
 * the focus and gives it back to the button.
 */
export function MenuButton({ menu, placement = "bottom-end", ...button }: MenuButtonProps) {
  const target = useRef<HTMLButtonElement>(null);
  const goBack = () => target.current?.focus();
  return (
    <PopoverNext
      autoFocus={false}
      content={
        // biome-ignore lint/a11y/noStaticElementInteractions: the items inside are what is used
        <div
          onClickCapture={goBack}
          onKeyDown={(event) => (event.key === "Escape" ? goBack() : walk(event))}
        >
          {menu}
        </div>
      }
      enforceFocus={false}
      onOpening={(menuElement) => itemsOf(menuElement)[0]?.focus({ preventScroll: true })}
      placement={placement}
      shouldReturnFocusOnClose={false}
      transitionDuration={100}
    >
      <Button {...button} ref={target} />
    </PopoverNext>
  );
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = itemsOf(event.currentTarget);
  const index = items.indexOf(document.activeElement as HTMLElement);
  const step = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  items.at(step % items.length)?.focus();
}

function itemsOf(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(ITEMS)];
}
