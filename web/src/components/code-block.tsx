import type { ReactNode } from "react";
import styles from "./code-block.module.css";
import { CopyButton } from "./copy-button";

interface CodeBlockProps {
  /** Names the region, and stands above the code. */
  title: string;
  code: string;
  /** Of the heading. */
  level?: 2 | 3;
  /** Stands between the title and the code. */
  children?: ReactNode;
}

/** A region of that title with code to read and to copy. */
export function CodeBlock({ title, code, level = 3, children }: CodeBlockProps) {
  const Title = `h${level}` as const;
  return (
    <section aria-label={title} className={styles.block}>
      <div className={styles.head}>
        <Title className={styles.title}>{title}</Title>
        <CopyButton size="small" text={code} variant="minimal" />
      </div>
      {children}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: code that scrolls must scroll by keyboard */}
      <pre className={styles.code} tabIndex={0}>
        <code>{code}</code>
      </pre>
    </section>
  );
}
