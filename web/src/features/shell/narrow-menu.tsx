import { Menu } from "@blueprintjs/core";
import { MenuIcon } from "@blueprintjs/icons";
import { MenuLink } from "@/components/button-link";
import { MenuButton } from "@/components/menu-button";
import type { entriesFor } from "./entries";
import styles from "./shell.module.css";

/** The navigation where the window is too narrow for a row of links. */
export function NarrowMenu({ entries }: { entries: ReturnType<typeof entriesFor> }) {
  return (
    <MenuButton
      aria-label="Menu"
      className={styles.tool}
      icon={<MenuIcon />}
      menu={
        <Menu aria-label="Main">
          {entries.map((entry) => (
            <MenuLink key={entry.label} text={entry.label} {...entry.link} />
          ))}
        </Menu>
      }
      variant="minimal"
    />
  );
}
