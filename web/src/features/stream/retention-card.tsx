import { Button, Callout } from "@blueprintjs/core";
import { useId, useState } from "react";
import { Card } from "@/components/card";
import { Fact, Facts } from "@/components/facts";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Time } from "@/components/time";
import styles from "./details.module.css";
import { LiftHoldDialog, SetHoldDialog } from "./legal-hold";
import { coldWords, hotWords, type Retention, startWords } from "./retention";
import { RetentionDialog } from "./retention-dialog";
import { useRetention } from "./use-retention";
import type { StreamDescription, StreamName } from "./wire";

interface RetentionCardProps {
  stream: StreamName;
  description: StreamDescription;
}

/** How long the stream's records are kept where, and whether a legal hold keeps them. */
export function RetentionCard({ stream, description }: RetentionCardProps) {
  const retention = useRetention(stream);
  const title = useId();
  return (
    <Card isPadded>
      <section aria-labelledby={title} className={styles.stacked}>
        <div className={styles.headingRow}>
          <h2 className={styles.heading} id={title}>
            Retention
          </h2>
          {retention.isSuccess && (
            <Actions description={description} retention={retention.data} stream={stream} />
          )}
        </div>
        {retention.isPending && <Loading what="the retention" />}
        {retention.isError && <Failed error={retention.error} retry={retention.refetch} />}
        {retention.isSuccess && (
          <>
            <Hold retention={retention.data} />
            <Policies retention={retention.data} />
            <Reason role={description.role} />
          </>
        )}
      </section>
    </Card>
  );
}

function Hold({ retention: { legalHold } }: { retention: Retention }) {
  if (legalHold === null) return null;
  return (
    <Callout compact intent="warning" title="Legal hold: nothing is deleted">
      <p className={styles.breakable}>{legalHold.reason}</p>
      <p>
        Set by {legalHold.setByName} <Time value={legalHold.setTime} />.
      </p>
    </Callout>
  );
}

function Policies({ retention }: { retention: Retention }) {
  return (
    <>
      <Facts>
        <Fact name="In the log (hot)">{hotWords(retention)}</Fact>
        <Fact name="At all (cold)">{coldWords(retention)}</Fact>
        <Fact name="The stream begins">{startWords(retention)}</Fact>
        <Fact name="Legal hold">{retention.legalHold === null ? "none" : "set"}</Fact>
      </Facts>
      <p className={styles.muted}>
        {retention.isArchived
          ? "What the log gives up stays in the table, and is read from there."
          : "This server archives nothing: what the log gives up is deleted for ever."}
      </p>
    </>
  );
}

function Reason({ role }: { role: string }) {
  if (role === "owner") return null;
  return (
    <p className={styles.muted}>
      {role === "editor"
        ? "Only owners of the stream set or lift a legal hold."
        : "Only editors and owners of the stream change its retention, and only owners set or lift a legal hold."}
    </p>
  );
}

type Asked = "edit" | "hold" | "lift";

interface ActionsProps extends RetentionCardProps {
  retention: Retention;
}

function Actions({ stream, description, retention }: ActionsProps) {
  const [asked, setAsked] = useState<Asked>();
  const { role, name } = description;
  const close = () => setAsked(undefined);
  const isHeld = retention.legalHold !== null;
  if (role !== "editor" && role !== "owner") return null;
  return (
    <span className={styles.buttons}>
      {role === "owner" && (
        <Button
          onClick={() => setAsked(isHeld ? "lift" : "hold")}
          text={isHeld ? "Lift legal hold" : "Set legal hold"}
        />
      )}
      <Button onClick={() => setAsked("edit")} text="Edit retention" />
      {asked === "edit" && (
        <RetentionDialog name={name} onClose={close} retention={retention} stream={stream} />
      )}
      {asked === "hold" && <SetHoldDialog name={name} onClose={close} stream={stream} />}
      {asked === "lift" && <LiftHoldDialog name={name} onClose={close} stream={stream} />}
    </span>
  );
}
