import type { ReactNode } from "react";
import styles from "./breadcrumbs.module.css";

/** The way to this page: links from the top, each a `<Link>` of the router. */
export function Breadcrumbs({ children }: { children: readonly ReactNode[] }) {
  return (
    <nav aria-label="Breadcrumbs">
      <ol className={styles.list}>
        {children.map((crumb, index) => (
          <li key={index}>{crumb}</li>
        ))}
      </ol>
    </nav>
  );
}
