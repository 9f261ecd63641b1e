import { CodeBlock } from "@/components/code-block";
import { Fact, Facts } from "@/components/facts";
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
        <Facts>
          <Fact name="Partition">{row.partition}</Fact>
          <Fact name="Offset">{row.offset}</Fact>
          <Fact name="Time">{row.time}</Fact>
        </Facts>
        <h3 className={styles.heading}>Fields</h3>
        <Facts>
          {fields.map((field) => {
            const value = row.value[field.name];
            const isNone = value === null || value === undefined;
            return (
              <Fact key={field.name} name={field.name}>
                {isNone ? "null" : cellText(field, value)}
              </Fact>
            );
          })}
        </Facts>
        <CodeBlock code={writeJson(row.value, 2)} title="Raw JSON" />
      </div>
    </SidePanel>
  );
}
