import { Button } from "@blueprintjs/core";
import { PlayIcon } from "@blueprintjs/icons";
import { useId, useState } from "react";
import { JsonEditor } from "@/components/json-editor";
import { useNotify } from "@/components/notices";
import { Problem } from "@/components/problem";
import { SidePanel } from "@/components/side-panel";
import { formatNumber, formatTime } from "@/lib/format";
import styles from "./dead-letters.module.css";
import { layOutJson } from "./exact-json";
import facts from "./record-drawer.module.css";
import { useReplayDeadLetter } from "./use-dead-letters";
import type { DeadLetter, StreamName } from "./wire";

interface DeadLetterPanelProps {
  stream: StreamName;
  letter: DeadLetter;
  onClose: () => void;
}

/** One dead letter: why it did not fit, and its record to be mended and replayed. */
export function DeadLetterPanel({ stream, letter, onClose }: DeadLetterPanelProps) {
  const [text, setText] = useState(() => readable(letter.value));
  const replay = useReplayDeadLetter(stream, letter.letterId);
  const notify = useNotify();
  const notes = useId();
  const fault = faultIn(text);
  const submit = () =>
    replay.mutate(text, {
      onSuccess: ({ offset, partition }) => {
        notify({
          message: `Stored at offset ${formatNumber(offset)} of partition ${partition}.`,
          intent: "success",
        });
        onClose();
      },
    });
  return (
    <SidePanel isOpen onClose={onClose} title={`Dead letter ${letter.letterId}`} width={560}>
      <div className={facts.body}>
        <dl className={facts.facts}>
          <Fact name="Field" value={letter.path === "" ? "the record itself" : letter.path} />
          <Fact name="Expected" value={letter.expected} />
          <Fact name="Found" value={letter.found} />
          <Fact name="Sent by" value={letter.username} />
          <Fact name="Taken" value={formatTime(letter.time)} />
          <Fact name="Record of its request" value={formatNumber(letter.index + 1)} />
        </dl>
        <h3 className={facts.heading}>Record</h3>
        <JsonEditor
          describedBy={notes}
          isInvalid={fault !== undefined}
          label="Mended record"
          onChange={(next) => {
            setText(next);
            replay.reset();
          }}
          problems={[]}
          value={text}
        />
        <div aria-live="polite" className={styles.notes} id={notes}>
          {fault ?? "Mend what does not fit; the record is stored like any other."}
        </div>
        <Problem error={replay.error} />
        <div className={styles.submit}>
          <Button
            disabled={fault !== undefined}
            icon={<PlayIcon />}
            intent="primary"
            loading={replay.isPending}
            onClick={submit}
            text="Replay"
          />
        </div>
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

/** Lay out a record that is JSON over several lines; leave anything else as it is. */
function readable(value: string): string {
  return faultIn(value) === undefined ? layOutJson(value) : value;
}

function faultIn(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`;
  }
}
