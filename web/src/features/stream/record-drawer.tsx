import { CodeBlock } from "@/components/code-block";
import { SidePanel } from "@/components/side-panel";
import type { Schema } from "@/lib/api";
import { cellText } from "./cells";
import { writeJson } from "./exact-json";
import type { LiveRow } from "./live-rows";
import styles from "./record-drawer.module.css";

interface RecordDrawerProps {
  row: LiveRow;
  fields: readonly Schema<"Field">[];
  onClose: () => void;
}

/** All of one record. */
export function RecordDrawer({ row, fields, onClose }: RecordDrawerProps) {
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={`Record ${row.offset} of partition ${row.partition}`}
      width={520}
    >
      <div className={styles.body}>
        <dl className={styles.facts}>
          <Fact name="Partition" value={String(row.partition)} />
          <Fact name="Offset" value={String(row.offset)} />
          <Fact name="Time" value={row.time} />
        </dl>
        <h3 className={styles.heading}>Fields</h3>
        <dl className={styles.facts}>
          {fields.map((field) => {
            const value = row.value[field.name];
            const isNone = value === null || value === undefined;
            return (
              <Fact
                key={field.name}
                name={field.name}
                value={isNone ? "null" : cellText(field, value)}
              />
            );
          })}
        </dl>
        <CodeBlock code={writeJson(row.value, 2)} title="Raw JSON" />
      </div>
    </SidePanel>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
