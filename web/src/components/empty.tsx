import { InboxIcon } from "@blueprintjs/icons";
import type { ReactElement, ReactNode } from "react";
import styles from "./notice-box.module.css";

interface EmptyProps {
  title: string;
  icon?: ReactElement;
  /** What to do next, in a sentence. */
  children?: ReactNode;
  /** The button that does it. */
  action?: ReactNode;
}

/** Stands where there is nothing to show yet. */
export function Empty({ title, icon, children, action }: EmptyProps) {
  return (
    <div className={styles.box}>
      <div aria-hidden="true" className={styles.icon}>
        {icon ?? <InboxIcon size={20} />}
      </div>
      <h2 className={styles.title}>{title}</h2>
      {children !== undefined && <div className={styles.text}>{children}</div>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
