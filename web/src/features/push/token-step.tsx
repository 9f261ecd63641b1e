import { Button, Callout, HTMLSelect } from "@blueprintjs/core";
import { ArrowRightIcon } from "@blueprintjs/icons";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/problem";
import styles from "./push-data.module.css";
import { Step } from "./step";
import type { PushDraft } from "./use-draft";
import { useCreateToken } from "./use-push";

const HOUR = 3_600;
const LIVES = [
  { seconds: HOUR, label: "One hour" },
  { seconds: 24 * HOUR, label: "One day" },
  { seconds: 7 * 24 * HOUR, label: "One week" },
];

interface TokenStepProps {
  streamName: string;
  token: string | undefined;
  set: (values: Partial<PushDraft>) => void;
}

/** A token of one's own, made on the spot. */
export function TokenStep({ streamName, token, set }: TokenStepProps) {
  const [seconds, setSeconds] = useState(HOUR);
  const create = useCreateToken();
  const next = () => {
    if (token !== undefined) return set({ isReady: true });
    create.mutate(
      { name: `Push data: ${streamName}`.slice(0, 255), seconds },
      { onSuccess: (made) => set({ token: made, isReady: true }) },
    );
  };
  return (
    <>
      <Step number={1} title="A token for this test">
        <Callout compact intent="warning">
          A personal token may do all that you may. Use it to try the stream, never in a program
          that stays.
        </Callout>
        {token === undefined ? (
          <>
            <p>The next step makes a token and puts it into the code. It ends by itself.</p>
            <Field label="Valid for">
              {({ intent: _, ...input }) => (
                <HTMLSelect
                  {...input}
                  onChange={(event) => setSeconds(Number(event.target.value))}
                  value={seconds}
                >
                  {LIVES.map((life) => (
                    <option key={life.seconds} value={life.seconds}>
                      {life.label}
                    </option>
                  ))}
                </HTMLSelect>
              )}
            </Field>
          </>
        ) : (
          <p>
            A token was made already. See it, or revoke it, among{" "}
            <Link to="/settings/tokens">your tokens</Link>.
          </p>
        )}
        <Problem error={create.error} />
      </Step>
      <div className={styles.next}>
        <Button
          endIcon={<ArrowRightIcon />}
          intent="primary"
          loading={create.isPending}
          onClick={next}
          size="large"
          text="Next step"
        />
      </div>
    </>
  );
}
