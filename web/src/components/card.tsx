import type { ReactNode } from "react";
import styles from "./card.module.css";

/** A raised surface; *isPadded* for text and forms, bare for tables. */
export function Card({ children, isPadded }: { children: ReactNode; isPadded?: boolean }) {
  return <div className={`${styles.card} ${isPadded ? styles.padded : ""}`}>{children}</div>;
}
