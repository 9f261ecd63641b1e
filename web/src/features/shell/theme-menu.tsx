import { Menu, MenuItem } from "@blueprintjs/core";
import { DesktopIcon, FlashIcon, MoonIcon } from "@blueprintjs/icons";
import type { ReactElement } from "react";
import { MenuButton } from "@/components/menu-button";
import { type ThemeChoice, useTheme } from "@/lib/theme";
import styles from "./shell.module.css";

const CHOICES: readonly { choice: ThemeChoice; label: string; icon: ReactElement }[] = [
  { choice: "system", label: "Like the system", icon: <DesktopIcon /> },
  { choice: "light", label: "Light", icon: <FlashIcon /> },
  { choice: "dark", label: "Dark", icon: <MoonIcon /> },
];

/** Chooses between light and dark. */
export function ThemeMenu() {
  const theme = useTheme();
  const items = CHOICES.map(({ choice, label, icon }) => (
    <MenuItem
      icon={icon}
      key={choice}
      onClick={() => theme.choose(choice)}
      roleStructure="listoption"
      selected={theme.choice === choice}
      text={label}
    />
  ));
  return (
    <MenuButton
      aria-label="Colours"
      className={styles.tool}
      icon={theme.isDark ? <MoonIcon /> : <FlashIcon />}
      menu={
        <Menu aria-label="Colours" role="listbox">
          {items}
        </Menu>
      }
      variant="minimal"
    />
  );
}
