import { Checkbox, Radio, RadioGroup } from "@blueprintjs/core";
import type { StreamDraft } from "./draft";
import styles from "./new-stream.module.css";

interface StreamSettingsProps {
  draft: StreamDraft;
  set: (values: Partial<StreamDraft>) => void;
}

/** What the stream is tuned for. */
export function StreamSettings({ draft, set }: StreamSettingsProps) {
  const choose = (value: string) =>
    set({ streamType: value === "HIGH_THROUGHPUT" ? value : "LOW_LATENCY" });
  return (
    <div className={styles.stack}>
      <RadioGroup
        label="Stream type"
        onChange={(event) => choose(event.currentTarget.value)}
        selectedValue={draft.streamType}
      >
        <Radio value="LOW_LATENCY">
          Low latency <span className={styles.aside}>— right for almost every stream</span>
        </Radio>
        <Radio value="HIGH_THROUGHPUT">
          High throughput{" "}
          <span className={styles.aside}>— larger batches, for a little more delay</span>
        </Radio>
      </RadioGroup>
      <Checkbox
        checked={draft.isCompressed}
        onChange={(event) => set({ isCompressed: event.target.checked })}
      >
        Compress records <span className={styles.aside}>— pays where texts repeat</span>
      </Checkbox>
    </div>
  );
}
