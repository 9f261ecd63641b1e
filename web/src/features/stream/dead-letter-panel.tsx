import { Button } from "@blueprintjs/core";
import { PlayIcon } from "@blueprintjs/icons";
import { useId, useState } from "react";
import { Fact, Facts } from "@/components/facts";
import { JsonEditor } from "@/components/json-editor";
import { useNotify } from "@/components/notices";
import { Problem } from "@/components/problem";
import { SidePanel } from "@/components/side-panel";
import { formatNumber, formatTime } from "@/lib/format";
import styles from "./dead-letters.module.css";
import { layOutJson } from "./exact-json";
import drawer from "./record-drawer.module.css";
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
      <div className={drawer.body}>
        <Facts>
          <Fact name="Field">{letter.path === "" ? "the record itself" : letter.path}</Fact>
          <Fact name="Expected">{letter.expected}</Fact>
          <Fact name="Found">{letter.found}</Fact>
          <Fact name="Sent by">{letter.username}</Fact>
          <Fact name="Taken">{formatTime(letter.time)}</Fact>
          <Fact name="Record of its request">{formatNumber(letter.index + 1)}</Fact>
        </Facts>
        <h3 className={drawer.heading}>Record</h3>
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
