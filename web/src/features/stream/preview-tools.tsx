import { HTMLSelect, InputGroup, Switch } from "@blueprintjs/core";
import { KeyIcon, SearchIcon } from "@blueprintjs/icons";
import { ConnectionState } from "./connection-state";
import type { FeedState } from "./live-feed";
import styles from "./preview.module.css";
import type { StreamDescription } from "./wire";

/** Which records are shown, and whether new ones come. */
export interface PreviewChoice {
  isLive: boolean;
  partition: number | undefined;
  text: string;
  key: string;
}

interface PreviewToolsProps {
  choice: PreviewChoice;
  onChange: (part: Partial<PreviewChoice>) => void;
  description: StreamDescription;
  feed: FeedState;
}

/** Chooses which records are shown. */
export function PreviewTools({ choice, onChange, description, feed }: PreviewToolsProps) {
  const keys = description.schema.keyFieldNames ?? [];
  return (
    <div className={styles.tools}>
      <InputGroup
        aria-label="Filter records"
        className={styles.search}
        leftIcon={<SearchIcon />}
        onValueChange={(text) => onChange({ text })}
        placeholder="Filter records"
        type="search"
        value={choice.text}
      />
      {keys.length > 0 && (
        <InputGroup
          aria-label="Filter by key"
          className={styles.search}
          leftIcon={<KeyIcon />}
          onValueChange={(key) => onChange({ key })}
          placeholder={keys.join(", ")}
          type="search"
          value={choice.key}
        />
      )}
      {description.partitionsCount > 1 && (
        <PartitionSelect
          count={description.partitionsCount}
          onChange={(partition) => onChange({ partition })}
          value={choice.partition}
        />
      )}
      <span className={styles.space} />
      <ConnectionState feed={feed} isLive={choice.isLive} />
      <Switch
        role="switch"
        checked={choice.isLive}
        className={styles.switch}
        label="Live updates"
        onChange={(event) => onChange({ isLive: event.currentTarget.checked })}
      />
    </div>
  );
}

interface PartitionSelectProps {
  count: number;
  value: number | undefined;
  onChange: (partition: number | undefined) => void;
}

function PartitionSelect({ count, value, onChange }: PartitionSelectProps) {
  return (
    <HTMLSelect
      aria-label="Partition"
      onChange={({ target }) => onChange(target.value === "" ? undefined : Number(target.value))}
      value={value ?? ""}
    >
      <option value="">All partitions</option>
      {Array.from({ length: count }, (_, partition) => (
        <option key={partition} value={partition}>
          Partition {partition}
        </option>
      ))}
    </HTMLSelect>
  );
}
