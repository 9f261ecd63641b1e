import { Button, Classes, Drawer } from "@blueprintjs/core";
import { CrossIcon } from "@blueprintjs/icons";
import { type ReactNode, useId } from "react";
import { focusInside } from "@/lib/focus";
import styles from "./side-panel.module.css";

interface SidePanelProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Most pixels that it is wide. */
  width?: number;
  /** Whether the children keep their own distance from the edges, and scroll by themselves. */
  isFilled?: boolean;
  children: ReactNode;
}

/** A dialog at the right side of the window; Escape closes it. */
export function SidePanel(props: SidePanelProps) {
  const { title, isOpen, onClose, width = 460, isFilled = false, children } = props;
  const id = useId();
  return (
    <Drawer
      onOpened={focusInside}
      isOpen={isOpen}
      onClose={onClose}
      size={`min(${width}px, 100vw)`}
    >
      <div aria-labelledby={id} aria-modal="true" className={styles.panel} role="dialog">
        <div className={Classes.DRAWER_HEADER}>
          <h2 className={`${Classes.HEADING} ${styles.title}`} id={id}>
            {title}
          </h2>
          <Button
            aria-label="Close"
            className={Classes.DIALOG_CLOSE_BUTTON}
            icon={<CrossIcon />}
            onClick={onClose}
            variant="minimal"
          />
        </div>
        <div className={`${Classes.DRAWER_BODY} ${isFilled ? styles.filled : styles.body}`}>
          {children}
        </div>
      </div>
    </Drawer>
  );
}
