import { type ReactNode, useEffect } from "react";
import styles from "./page.module.css";

interface PageProps {
  children: ReactNode;
  /** How wide the content may get: `wide` for tables that use the whole window. */
  width?: "narrow" | "normal" | "wide";
}

/** The frame of every page: margins and width. */
export function Page({ children, width = "normal" }: PageProps) {
  return <div className={`${styles.page} ${styles[width]}`}>{children}</div>;
}

interface PageHeaderProps {
  /** Also the title of the browser's tab. */
  title: string;
  breadcrumbs?: ReactNode;
  description?: ReactNode;
  /** Buttons on the right. */
  actions?: ReactNode;
  /** The menu of the rest, which stays at the end of the buttons' first line. */
  menu?: ReactNode;
}

/** A page's heading, with the way to it above and its buttons beside. */
export function PageHeader({ title, breadcrumbs, description, actions, menu }: PageHeaderProps) {
  useDocumentTitle(title);
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        {breadcrumbs}
        <h1 className={styles.title}>{title}</h1>
        {description !== undefined && <div className={styles.description}>{description}</div>}
      </div>
      {(actions || menu) && (
        <div className={styles.side}>
          <div className={styles.actions}>{actions}</div>
          {menu}
        </div>
      )}
    </header>
  );
}

/** Name the browser's tab. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sluiceway`;
  }, [title]);
}
