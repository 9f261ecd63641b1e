import { Button } from "@blueprintjs/core";
import { useMemo } from "react";
import { CodeBlock } from "@/components/code-block";
import { CopyButton } from "@/components/copy-button";
import type { Stream } from "@/lib/streams";
import { LANGUAGES, type Language, type LanguageId } from "./code/programs";
import { NewestRecords } from "./newest-records";
import { Pipelining } from "./pipelining";
import styles from "./push-data.module.css";
import { sampleRecord } from "./sample-record";
import { TestWithJson } from "./test-with-json";
import type { PushDraft } from "./use-draft";
import type { PushTarget } from "./use-push";

interface CodeStepProps {
  draft: PushDraft;
  language: LanguageId;
  stream: Stream;
  target: PushTarget;
  /** Back to the credentials. */
  onChange: () => void;
}

/** The second step: the code, a test from the page, and the records as they arrive. */
export function CodeStep({ draft, language, stream, target, onChange }: CodeStepProps) {
  const record = useMemo(() => sampleRecord(stream.schema, new Date()), [stream.schema]);
  const kind: Language = LANGUAGES[language];
  const { clientId, clientSecret, token } = draft;
  const program = kind.generate(
    {
      url: window.location.origin,
      datasetRid: target.rid,
      branch: target.branch,
      records: [record],
    },
    draft.way === "token" ? { token: token ?? "" } : { clientId, clientSecret },
  );
  return (
    <div className={styles.steps}>
      <div className={styles.summary}>
        <span>
          {draft.way === "token" ? (
            "With a personal token"
          ) : (
            <>
              As the application <code>{clientId}</code>
            </>
          )}
        </span>
        <Button onClick={onChange} size="small" text="Change" variant="minimal" />
      </div>
      <div className={styles.run}>
        <p>
          {kind.file === undefined ? (
            <>Run both, one after the other, {kind.run}.</>
          ) : (
            <>
              Put both into one file, <code>{kind.file}</code>, and run <code>{kind.run}</code>.
            </>
          )}{" "}
          Needs {kind.needs}.
        </p>
        <CopyButton
          label="Copy the whole program"
          size="small"
          text={`${program.token}\n${program.push}`}
        />
      </div>
      <CodeBlock code={program.token} level={2} title="Get a token">
        <p className={styles.secretNote}>
          {draft.way === "token" ? "It holds your token" : "It holds the client secret"}: keep it
          out of shared files.
        </p>
      </CodeBlock>
      <CodeBlock code={program.push} level={2} title="Push records" />
      <div className={styles.columns}>
        <TestWithJson sample={record} stream={stream} target={target} />
        <NewestRecords target={target} />
      </div>
      <Pipelining rid={target.rid} />
    </div>
  );
}
