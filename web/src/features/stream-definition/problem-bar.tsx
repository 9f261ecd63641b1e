import { Button } from "@blueprintjs/core";
import { ErrorIcon, TickCircleIcon } from "@blueprintjs/icons";
import { useId, useState } from "react";
import { Problem } from "@/components/problem";
import { plural } from "@/lib/format";
import styles from "./problem-bar.module.css";
import type { DraftProblem } from "./problems";

interface ProblemBarProps {
  problems: readonly DraftProblem[];
  /** Leads to the input that a problem is about. */
  onGoTo: (problem: DraftProblem) => void;
  onCreate: () => void;
  isPending: boolean;
  /** Why the server refused. */
  error: unknown;
}

/** The bottom of the page: what is left to mend, and the button that creates the stream. */
export function ProblemBar({ problems, onGoTo, onCreate, isPending, error }: ProblemBarProps) {
  return (
    <div className={styles.bar}>
      <Problem error={error} />
      <div className={styles.row}>
        {problems.length === 0 ? (
          <span className={styles.ready}>
            <TickCircleIcon aria-hidden="true" /> Ready to create
          </span>
        ) : (
          <ProblemList onGoTo={onGoTo} problems={problems} />
        )}
        <Button
          disabled={problems.length > 0}
          intent="primary"
          loading={isPending}
          onClick={onCreate}
          size="large"
          text="Create stream"
        />
      </div>
    </div>
  );
}

/** A summary that opens on hover and focus; each line leads to its input. */
function ProblemList({ problems, onGoTo }: Pick<ProblemBarProps, "problems" | "onGoTo">) {
  const [isDismissed, setIsDismissed] = useState(false);
  const list = useId();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape hides what hover and focus show
    <div
      className={`${styles.problems} ${isDismissed ? styles.dismissed : ""}`}
      onFocus={() => setIsDismissed(false)}
      onKeyDown={(event) => event.key === "Escape" && setIsDismissed(true)}
      onMouseEnter={() => setIsDismissed(false)}
    >
      <button aria-describedby={list} className={styles.summary} type="button">
        <ErrorIcon aria-hidden="true" /> {plural(problems.length, "problem")} to fix
      </button>
      <ul aria-label="Problems" className={styles.list} id={list}>
        {problems.map((problem) => (
          <li key={`${problem.place} ${problem.message}`}>
            <button className={styles.line} onClick={() => onGoTo(problem)} type="button">
              <strong>{problem.where}:</strong> {problem.message}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
