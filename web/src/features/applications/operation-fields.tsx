import { Checkbox, Radio, RadioGroup } from "@blueprintjs/core";
import styles from "./applications.module.css";
import type { DraftProps } from "./draft";
import { operationChoices } from "./operations";

/** To what the application is restricted. */
export function OperationFields({ draft, onChange }: DraftProps) {
  const choose = (scope: string, isChosen: boolean) => {
    const others = draft.operations.filter((operation) => operation !== scope);
    onChange({ isRestricted: true, operations: isChosen ? [...others, scope] : others });
  };
  return (
    <section aria-label="Operation restrictions">
      <h2 className={styles.heading}>Operation restrictions</h2>
      <p className={styles.lead}>
        What its tokens may be used for at most. On top of that it needs a role on each stream or
        project.
      </p>
      <RadioGroup
        aria-label="Restriction"
        inline
        onChange={(event) =>
          event.currentTarget.value === "all"
            ? onChange({ isRestricted: false, operations: [] })
            : onChange({ isRestricted: true })
        }
        selectedValue={draft.isRestricted ? "some" : "all"}
      >
        <Radio label="Unrestricted" value="all" />
        <Radio label="Only these operations" value="some" />
      </RadioGroup>
      <fieldset className={styles.operations}>
        <legend className="visually-hidden">Operations</legend>
        {operationChoices(draft.operations).map(({ scope, meaning }) => (
          <div key={scope}>
            <Checkbox
              aria-describedby={`meaning-${scope}`}
              checked={draft.operations.includes(scope)}
              label={scope}
              onChange={(event) => choose(scope, event.currentTarget.checked)}
            />
            <p id={`meaning-${scope}`}>{meaning}</p>
          </div>
        ))}
      </fieldset>
    </section>
  );
}
