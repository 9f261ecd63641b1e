import { Button, Classes, Drawer, H4 } from "@blueprintjs/core";
import { CrossIcon } from "@blueprintjs/icons";
import { type ReactNode, useId } from "react";
import styles from "./side-panel.module.css";

interface SidePanelProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Most pixels that it is wide. */
  width?: number;
  children: ReactNode;
}

/** A dialog at the right side of the window; Escape closes it. */
export function SidePanel({ title, isOpen, onClose, width = 460, children }: SidePanelProps) {
  const id = useId();
  return (
    <Drawer isOpen={isOpen} onClose={onClose} size={`min(${width}px, 100vw)`}>
      <div aria-labelledby={id} aria-modal="true" className={styles.panel} role="dialog">
        <div className={Classes.DRAWER_HEADER}>
          <H4 id={id}>{title}</H4>
          <Button
            aria-label="Close"
            className={Classes.DIALOG_CLOSE_BUTTON}
            icon={<CrossIcon />}
            onClick={onClose}
            variant="minimal"
          />
        </div>
        <div className={`${Classes.DRAWER_BODY} ${styles.body}`}>{children}</div>
      </div>
    </Drawer>
  );
}
