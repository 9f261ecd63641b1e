import { Button, Dialog, DialogBody, DialogFooter, Tag } from "@blueprintjs/core";
import { WarningSignIcon } from "@blueprintjs/icons";
import { useId, useState } from "react";
import { JsonEditor } from "@/components/json-editor";
import { Problem } from "@/components/problem";
import { focusInside } from "@/lib/focus";
import { plural } from "@/lib/format";
import type { StreamSchema } from "@/lib/streams";
import styles from "./sample-dialog.module.css";
import { KINDS } from "./types";
import { type Inferred, useInferSchema } from "./use-new-stream";

interface SampleDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onUse: (schema: StreamSchema) => void;
  /** How many fields there are that would be replaced. */
  fieldCount: number;
}

/** Guesses a schema from JSON, and says why before it is used. */
export function SampleDialog({ isOpen, onClose, onUse, fieldCount }: SampleDialogProps) {
  const [sample, setSample] = useState("");
  const help = useId();
  const infer = useInferSchema();

  const change = (text: string) => {
    setSample(text);
    infer.reset();
  };
  const use = () => {
    if (infer.data === undefined) return;
    onUse(infer.data.schema);
    onClose();
  };
  return (
    <Dialog
      onOpened={focusInside}
      className={styles.dialog}
      isOpen={isOpen}
      onClose={onClose}
      title="Generate from JSON sample"
    >
      <DialogBody>
        <div className={styles.body}>
          <p className={styles.help} id={help}>
            Paste a record, or an array of several: the more there are, the better the guess.
          </p>
          <JsonEditor
            describedBy={help}
            isInvalid={infer.isError}
            label="JSON sample"
            onChange={change}
            value={sample}
          />
          <Problem error={infer.error} />
          {infer.data !== undefined && <Guesses inferred={infer.data} />}
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button
              disabled={sample.trim() === ""}
              intent={infer.data === undefined ? "primary" : "none"}
              loading={infer.isPending}
              onClick={() => infer.mutate(sample)}
              text="Generate"
            />
            <Button
              disabled={infer.data === undefined}
              intent={infer.data === undefined ? "none" : "primary"}
              onClick={use}
              text="Use this schema"
            />
          </>
        }
      >
        {infer.data !== undefined && fieldCount > 0 && (
          <span className={styles.replaces}>Replaces the {plural(fieldCount, "field")} there.</span>
        )}
      </DialogFooter>
    </Dialog>
  );
}

/** What was guessed of each field, why, and what to check. */
function Guesses({ inferred }: { inferred: Inferred }) {
  return (
    <section aria-label="Guessed schema">
      <h3 className={styles.title}>
        Guessed from {plural(inferred.recordCount, "record")}. All fields are nullable; check what
        is marked.
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard */}
      <ul className={styles.guesses} tabIndex={0}>
        {inferred.guesses.map((guess) => (
          <li className={styles.guess} key={guess.path}>
            <div className={styles.what}>
              <code className={styles.path}>{guess.path}</code>
              <Tag minimal>{KINDS[guess.type as keyof typeof KINDS] ?? guess.type}</Tag>
            </div>
            <div className={styles.why}>
              {guess.why}
              {guess.warning && (
                <div className={styles.warning}>
                  <WarningSignIcon aria-label="Check" size={12} /> {guess.warning}
                </div>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
