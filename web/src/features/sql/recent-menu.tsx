import { Menu, MenuItem } from "@blueprintjs/core";
import { HistoryIcon } from "@blueprintjs/icons";
import { MenuButton } from "@/components/menu-button";
import styles from "./sql.module.css";

const SHOWN_LENGTH = 80;

interface RecentMenuProps {
  queries: readonly string[];
  onChoose: (query: string) => void;
}

/** The queries that were run last, to take up again. */
export function RecentMenu({ queries, onChoose }: RecentMenuProps) {
  return (
    <MenuButton
      disabled={queries.length === 0}
      icon={<HistoryIcon />}
      menu={
        <Menu aria-label="Last queries" className={styles.recent}>
          {queries.map((query) => (
            <MenuItem
              key={query}
              onClick={() => onChoose(query)}
              text={<code>{oneLine(query)}</code>}
              title={query}
            />
          ))}
        </Menu>
      }
      placement="bottom-start"
      text="Last queries"
      variant="minimal"
    />
  );
}

function oneLine(query: string): string {
  const line = query.replaceAll(/\s+/g, " ").trim();
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
}
