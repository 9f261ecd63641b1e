import { Button, HTMLSelect, InputGroup } from "@blueprintjs/core";
import { CrossIcon, FilterIcon } from "@blueprintjs/icons";
import { type FormEvent, useState } from "react";
import type { SqlColumn } from "@/lib/sql";
import { CONDITIONS_MAX, VALUE_LENGTH_MAX } from "./archive-address";
import { type Condition, OPERATORS, type OperatorId } from "./archive-query";
import styles from "./archive-view.module.css";

interface ArchiveFilterProps {
  columns: readonly SqlColumn[];
  conditions: readonly Condition[];
  onChange: (conditions: readonly Condition[]) => void;
}

/** Says what the rows must be like; all of it must hold. */
export function ArchiveFilter({ columns, conditions, onChange }: ArchiveFilterProps) {
  const [column, setColumn] = useState("");
  const [operator, setOperator] = useState<OperatorId>("eq");
  const [value, setValue] = useState("");
  const { hasValue } = OPERATORS.find(({ id }) => id === operator) ?? OPERATORS[0];

  const isFull = conditions.length >= CONDITIONS_MAX;

  const add = (event: FormEvent) => {
    event.preventDefault();
    const chosen = column || columns[0]?.name;
    if (chosen === undefined || isFull || (hasValue && value === "")) return;
    onChange([...conditions, { column: chosen, operator, value: hasValue ? value : "" }]);
    setValue("");
  };
  return (
    <>
      <form aria-label="Filter" className={styles.filter} onSubmit={add}>
        <HTMLSelect
          aria-label="Column"
          onChange={(event) => setColumn(event.target.value)}
          options={columns.map(({ name }) => name)}
          value={column || (columns[0]?.name ?? "")}
        />
        <HTMLSelect
          aria-label="Operator"
          onChange={(event) => setOperator(event.target.value as OperatorId)}
          options={OPERATORS.map(({ id, label }) => ({ value: id, label }))}
          value={operator}
        />
        {hasValue && (
          <InputGroup
            aria-label="Value"
            maxLength={VALUE_LENGTH_MAX}
            onValueChange={setValue}
            placeholder="Value"
            value={value}
          />
        )}
        <Button disabled={isFull} icon={<FilterIcon />} text="Filter" type="submit" />
      </form>
      {conditions.map((condition, at) => (
        <Button
          aria-label={`Remove the filter ${textOf(condition)}`}
          endIcon={<CrossIcon />}
          key={`${at} ${condition.column}`}
          onClick={() => onChange(conditions.filter((_, other) => other !== at))}
          size="small"
          text={textOf(condition)}
          variant="outlined"
        />
      ))}
    </>
  );
}

function textOf({ column, operator, value }: Condition): string {
  const { label } = OPERATORS.find(({ id }) => id === operator) ?? OPERATORS[0];
  return `${column} ${label} ${value}`.trim();
}
