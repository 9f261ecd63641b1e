import { Button } from "@blueprintjs/core";
import { PlayIcon } from "@blueprintjs/icons";
import { useId, useMemo, useState } from "react";
import { Card } from "@/components/card";
import { JsonEditor } from "@/components/json-editor";
import { Problem } from "@/components/problem";
import { plural } from "@/lib/format";
import type { Stream } from "@/lib/streams";
import { recordsJson } from "./code/program";
import { judge, refusalsIn } from "./judgement";
import styles from "./push-data.module.css";
import { type PushTarget, usePushRecords } from "./use-push";

const SHOWN_MAX = 5;

interface TestWithJsonProps {
  stream: Stream;
  target: PushTarget;
  sample: object;
}

/** Pushes records from the page, as the person at it. */
export function TestWithJson({ stream, target, sample }: TestWithJsonProps) {
  const [text, setText] = useState(() => recordsJson([sample]));
  const notes = useId();
  const push = usePushRecords(target);

  const judged = useMemo(() => judge(text, stream.schema), [text, stream.schema]);
  const refused = refusalsIn(push.error, text, judged.read);
  const problems = refused.length > 0 ? refused : judged.problems;
  const change = (next: string) => {
    setText(next);
    push.reset();
  };
  const submit = () => {
    if (judged.read !== undefined) push.mutate({ text, read: judged.read });
  };
  return (
    <Card isPadded>
      <section aria-label="Test with JSON">
        <h2 className={styles.stepTitle}>Test with JSON</h2>
        <p className={styles.muted}>
          Push records right from here, as yourself: one object, or an array of several.
        </p>
        <JsonEditor
          describedBy={notes}
          isInvalid={problems.length > 0}
          label="JSON records"
          onChange={change}
          problems={problems}
          value={text}
        />
        <div aria-live="polite" className={styles.notes} id={notes}>
          {problems.slice(0, SHOWN_MAX).map((problem) => (
            <div className={styles.fault} key={`${problem.from} ${problem.message}`}>
              {problem.message}
            </div>
          ))}
          {problems.length > SHOWN_MAX && (
            <div className={styles.fault}>and {problems.length - SHOWN_MAX} more</div>
          )}
          {problems.length === 0 && !push.isSuccess && (
            <div className={styles.muted}>
              {plural(judged.read?.records.length ?? 0, "record")} that{" "}
              {judged.read?.records.length === 1 ? "fits" : "fit"} the schema
            </div>
          )}
          {push.isSuccess && (
            <div className={styles.success}>{plural(push.data, "record")} pushed and stored</div>
          )}
        </div>
        {refused.length === 0 && <Problem error={push.error} />}
        <div className={styles.actions}>
          <Button
            disabled={judged.read === undefined || judged.read.records.length === 0}
            icon={<PlayIcon />}
            intent="primary"
            loading={push.isPending}
            onClick={submit}
            text="Push"
          />
        </div>
      </section>
    </Card>
  );
}
