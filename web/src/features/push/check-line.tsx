import { Spinner } from "@blueprintjs/core";
import { CircleIcon, ErrorIcon, HelpIcon, TickCircleIcon } from "@blueprintjs/icons";
import type { Check, CheckState } from "./checks";
import styles from "./push-data.module.css";

const SIGNS: Record<CheckState, { icon: React.ReactElement; word: string }> = {
  waiting: { icon: <CircleIcon aria-hidden="true" />, word: "to do" },
  checking: { icon: <Spinner aria-hidden="true" size={16} />, word: "being checked" },
  done: { icon: <TickCircleIcon aria-hidden="true" />, word: "done" },
  missing: { icon: <ErrorIcon aria-hidden="true" />, word: "missing" },
  unknown: { icon: <HelpIcon aria-hidden="true" />, word: "not known" },
};

/** Whether one thing is as it must be; looked at again by itself. */
export function CheckLine({ label, check }: { label: string; check: Check }) {
  const { icon, word } = SIGNS[check.state];
  return (
    <li className={styles.check} data-state={check.state}>
      <span className={styles.checkIcon}>{icon}</span>
      <span>
        {label}
        <span className="visually-hidden">: {word}</span>
        {check.hint !== undefined && <span className={styles.hint}>{check.hint}</span>}
        {check.state === "unknown" && (
          <span className={styles.hint}>
            Only an administrator sees this; running the code tells.
          </span>
        )}
      </span>
    </li>
  );
}
