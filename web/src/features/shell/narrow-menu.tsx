import { Button, Menu, PopoverNext } from "@blueprintjs/core";
import { MenuIcon } from "@blueprintjs/icons";
import { MenuLink } from "@/components/button-link";
import type { entriesFor } from "./entries";
import styles from "./shell.module.css";

/** The navigation where the window is too narrow for a row of links. */
export function NarrowMenu({ entries }: { entries: ReturnType<typeof entriesFor> }) {
  return (
    <PopoverNext
      content={
        <Menu aria-label="Main">
          {entries.map((entry) => (
            <MenuLink key={entry.label} text={entry.label} {...entry.link} />
          ))}
        </Menu>
      }
      placement="bottom-end"
    >
      <Button aria-label="Menu" className={styles.tool} icon={<MenuIcon />} variant="minimal" />
    </PopoverNext>
  );
}
