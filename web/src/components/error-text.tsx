import { markedLinesOf, messageOf } from "@/lib/errors";
import styles from "./error-text.module.css";

/** Where lines are wider than their place, show the part that is marked. */
function showMark(element: HTMLElement | null): void {
  if (element === null) return;
  const lines = (element.textContent ?? "").split("\n");
  const width = element.scrollWidth / Math.max(...lines.map((line) => line.length));
  const mark = lines.at(-1)?.indexOf("^") ?? 0;
  element.scrollLeft = mark * width - element.clientWidth / 2;
}

/** What an error says: in a sentence, then its further lines, and the marked lines of a query. */
export function ErrorText({ error }: { error: unknown }) {
  const [summary = "", ...more] = messageOf(error).split("\n");
  const notes = more.join("\n").trim();
  const marked = markedLinesOf(error) ?? "";
  return (
    <>
      <div className={styles.summary}>{summary}</div>
      {notes !== "" && <Lines label="Details" text={notes} />}
      {marked !== "" && <Lines isMarked label="Where in the query" text={marked} />}
    </>
  );
}

interface LinesProps {
  label: string;
  text: string;
  /** Whether a line is a mark below the one above, so that none of them may be broken. */
  isMarked?: boolean;
}

function Lines({ label, text, isMarked = false }: LinesProps) {
  const className = isMarked ? styles.lines : `${styles.lines} ${styles.broken}`;
  return (
    <section aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard */}
      <pre className={className} ref={isMarked ? showMark : null} tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
