import { Button, ProgressBar } from "@blueprintjs/core";
import { useId } from "react";
import { Card } from "@/components/card";
import { Problem } from "@/components/problem";
import { StateTag } from "@/components/state-tag";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import { isNamed } from "@/lib/errors";
import { formatNumber, formatTime, plural } from "@/lib/format";
import styles from "./details.module.css";
import { doneOf, type PartitionProof, type Proof, type ProofProblem, sumOf } from "./proof";
import { useProof, type Verification } from "./use-proof";
import { useRetention } from "./use-retention";
import type { StreamDescription, StreamName } from "./wire";

interface ProofCardProps {
  stream: StreamName;
  description: StreamDescription;
}

/** Proves that the stream's table has what was pushed, and says what was proven when. */
export function ProofCard({ stream, description }: ProofCardProps) {
  const verification = useProof(stream, description.viewRid);
  const { proof, running, error, begin, stop } = verification;
  const title = useId();
  const isRunning = running !== undefined;
  const isArchived = useRetention(stream).data?.isArchived ?? true;
  const hasTable = Object.values(description.archivedThrough).some((offset) => offset > 0);
  return (
    <Card isPadded>
      <section aria-labelledby={title} className={styles.stacked}>
        <div className={styles.headingRow}>
          <h2 className={styles.heading} id={title}>
            Proof of completeness
          </h2>
          {(isArchived || hasTable) && (
            <Button
              onClick={isRunning ? stop : begin}
              text={isRunning ? "Stop" : proof === undefined ? "Verify now" : "Verify again"}
            />
          )}
        </div>
        {!isArchived && <ArchiveOff hasTable={hasTable} />}
        {isRunning && <Progress {...verification} running={running} />}
        {!isRunning && (error === undefined ? null : <Refusal error={error} />)}
        {!isRunning && proof === undefined && (isArchived || hasTable) && <NeverRun />}
        {!isRunning && proof !== undefined && <Result isArchived={isArchived} proof={proof} />}
      </section>
    </Card>
  );
}

function ArchiveOff({ hasTable }: { hasTable: boolean }) {
  return (
    <p className={styles.muted}>
      The archive is off on this server (<code>archive.enabled</code>):{" "}
      {hasTable
        ? "the table has what came before that; later records are in the log only."
        : "there is no table to verify, the records are in the log only."}
    </p>
  );
}

function NeverRun() {
  return (
    <p className={styles.muted}>
      Not verified in this browser yet. Verifying reads every row of the table back, and holds it
      against the SHA-256 of the records as they were acknowledged, and against the log. It reads
      about a million records a second, and nobody who pushes waits for it.
    </p>
  );
}

function Refusal({ error }: { error: unknown }) {
  if (isNamed(error, "VerifyStreamPermissionDenied")) {
    return (
      <p className={styles.muted} role="alert">
        Only those with the role Viewer on the stream may verify it: its records are read.
      </p>
    );
  }
  return <Problem error={error} />;
}

function Progress({ running, isWaiting }: Verification & { running: Proof }) {
  const done = doneOf(running);
  const { totalRecords, problemsCount } = running;
  return (
    <>
      <ProgressBar
        aria-label="Verified so far"
        intent={problemsCount > 0 ? "danger" : "primary"}
        {...(totalRecords > 0 && { value: Math.min(1, done / totalRecords) })}
      />
      <p className={styles.muted} role="status">
        {isWaiting
          ? "The server verifies something else; this waits for it."
          : totalRecords === 0
            ? "Reading the table…"
            : `${formatNumber(done)} of ${plural(totalRecords, "record")} read.`}{" "}
        {problemsCount > 0 && `${plural(problemsCount, "range")} found that differ so far. `}
        It stops when you leave this page.
      </p>
    </>
  );
}

interface ResultProps {
  proof: Proof;
  isArchived: boolean;
}

function Result({ proof, isArchived }: ResultProps) {
  return (
    <>
      <div role="status">
        <p className={styles.verdict}>
          <Verdict proof={proof} />
          <span className={styles.muted}>
            {formatTime(proof.timeMs)}, <Time value={proof.timeMs} />, in this browser
          </span>
        </p>
        <p>{wordsOf(proof, isArchived)}</p>
      </div>
      {proof.partitions.length > 0 && <Partitions proof={proof} />}
      {proof.problemsCount > 0 && <Problems proof={proof} />}
    </>
  );
}

function Verdict({ proof }: { proof: Proof }) {
  if (proof.problemsCount > 0) return <StateTag intent="danger">Differs</StateTag>;
  if (sumOf(proof, "verifiedRecords") + sumOf(proof, "comparedRecords") === 0) {
    return <StateTag intent="none">Nothing to prove</StateTag>;
  }
  return sumOf(proof, "unprovenRecords") > 0 ? (
    <StateTag intent="warning">Proven in part</StateTag>
  ) : (
    <StateTag intent="success">Proven</StateTag>
  );
}

/** Say in sentences what was proven, and what was not. */
function wordsOf(proof: Proof, isArchived: boolean): string {
  const verified = sumOf(proof, "verifiedRecords");
  const compared = sumOf(proof, "comparedRecords");
  const unproven = sumOf(proof, "unprovenRecords");
  const waiting = sumOf(proof, "waitingRecords");
  const said: string[] = [];
  if (proof.problemsCount > 0) {
    said.push(
      `${plural(proof.problemsCount, "range")} of offsets ${proof.problemsCount === 1 ? "is" : "are"} not in the table as they were pushed.`,
    );
  }
  if (verified > 0) {
    said.push(
      `${plural(verified, "row")} of the table ${verified === 1 ? "was" : "were"} read back, and each of their ranges of offsets has as many as were pushed, in their order, with the SHA-256 that was noted when they were committed: none is lost, repeated, changed or out of place.`,
    );
  }
  if (compared > 0) {
    said.push(`${plural(compared, "record")} that the log still has are the same in the table.`);
  }
  if (unproven > 0) {
    said.push(
      `${plural(unproven, "record")} cannot be proven: no hash was noted for them, or retention has deleted a part of their commit.`,
    );
  }
  if (waiting > 0) {
    const were = `${plural(waiting, "record")} ${waiting === 1 ? "was" : "were"}`;
    said.push(
      isArchived
        ? `${were} not in the table yet.`
        : `${were} in the log only, since the archive is off.`,
    );
  }
  return said.length === 0 ? "Neither the table nor the log has a record." : said.join(" ");
}

function Partitions({ proof }: { proof: Proof }) {
  return (
    <div className={styles.inset}>
      <Table
        head={["Partition", "Counts and hashes", "Proven", "Same in log", "Unproven", "Waiting"]}
        isFocusable
        label="Proof by partition"
      >
        {proof.partitions.map((one) => (
          <tr key={one.partitionId}>
            <td>{one.partitionId}</td>
            <td>
              <Equality differs={proof.differing.includes(one.partitionId)} one={one} />
            </td>
            <td className={styles.number}>{formatNumber(one.verifiedRecords)}</td>
            <td className={styles.number}>{formatNumber(one.comparedRecords)}</td>
            <td className={styles.number}>{formatNumber(one.unprovenRecords)}</td>
            <td className={styles.number}>{formatNumber(one.waitingRecords)}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}

function Equality({ one, differs }: { one: PartitionProof; differs: boolean }) {
  if (differs) return <StateTag intent="danger">differ</StateTag>;
  return one.verifiedRecords + one.comparedRecords > 0 ? (
    <StateTag intent="success">equal</StateTag>
  ) : (
    <StateTag intent="none">nothing to compare</StateTag>
  );
}

const KINDS: Record<ProofProblem["kind"], string> = {
  RECORDS_DIFFER: "Records differ",
  RECORDS_MISSING: "Records are missing",
  RECORDS_REPEATED: "Records are repeated",
  NOT_COMMITTED: "No commit has them",
  NOT_ANNOUNCED: "Rows that nobody committed",
};

function Problems({ proof }: { proof: Proof }) {
  const more = proof.problemsCount - proof.problems.length;
  return (
    <>
      <div className={styles.inset}>
        <Table
          head={["Partition", "Offsets", "What is wrong", "Found in"]}
          isFocusable
          label="What differs"
        >
          {proof.problems.map((one, at) => (
            <tr key={at}>
              <td>{one.partitionId}</td>
              <td className={styles.number}>
                {formatNumber(one.startOffset)} to {formatNumber(one.endOffset - 1)}
              </td>
              <td>
                {KINDS[one.kind]}: {one.description}
              </td>
              <td>
                {one.transactionRid ? <code>{one.transactionRid}</code> : "the log or the table"}
              </td>
            </tr>
          ))}
        </Table>
      </div>
      {more > 0 && <p className={styles.muted}>And {formatNumber(more)} more.</p>}
    </>
  );
}
