import { Button, Checkbox } from "@blueprintjs/core";
import { EnvelopeIcon, PlayIcon, TrashIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Card } from "@/components/card";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { useNotify } from "@/components/notices";
import { Problem } from "@/components/problem";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import { plural } from "@/lib/format";
import { DeadLetterPanel } from "./dead-letter-panel";
import styles from "./dead-letters.module.css";
import { useDeadLetters, useResolveDeadLetters } from "./use-dead-letters";
import type { DeadLetter, LetterResult, StreamName } from "./wire";

const RESOLVED_AT_ONCE_MAX = 1_000;

/** The records that did not fit, and what can be done about them. */
export function DeadLetters({ stream }: { stream: StreamName }) {
  const letters = useDeadLetters(stream);
  const [opened, setOpened] = useState<DeadLetter>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());

  if (letters.isPending) return <Loading what="dead letters" />;
  if (letters.isError) return <Failed error={letters.error} retry={letters.refetch} />;

  const shown = letters.data.pages.flatMap((page) => page.data);
  if (shown.length === 0) {
    return (
      <Card>
        <Empty icon={<EnvelopeIcon size={20} />} title="No dead letters">
          Records that do not fit the schema are kept here, if the program that pushes them asks for
          it with onInvalid=dead-letter. Then they can be mended and replayed.
        </Empty>
      </Card>
    );
  }

  const openCount = letters.data.pages.at(-1)?.openCount ?? shown.length;
  // Those that were resolved elsewhere are chosen no longer.
  const ids = shown.map((letter) => letter.letterId).filter((id) => chosen.has(id));
  const choose = (letterIds: readonly string[], isChosen: boolean) => {
    const next = new Set(ids);
    for (const id of letterIds) {
      if (isChosen) next.add(id);
      else next.delete(id);
    }
    setChosen(next);
  };
  const all = (
    <Checkbox
      aria-label="Choose all"
      checked={ids.length === shown.length}
      className={styles.check}
      indeterminate={ids.length > 0 && ids.length < shown.length}
      key="all"
      onChange={(event) =>
        choose(
          shown.map((letter) => letter.letterId),
          event.currentTarget.checked,
        )
      }
    />
  );
  return (
    <Card>
      <Actions
        chosen={ids.slice(0, RESOLVED_AT_ONCE_MAX)}
        onDone={() => setChosen(new Set())}
        openCount={openCount}
        stream={stream}
      />
      <div className={styles.table}>
        <Table head={[all, "Taken", "Problem", "Record", "Sent by"]} label="Dead letters">
          {shown.map((letter) => (
            <Row
              isChosen={chosen.has(letter.letterId)}
              key={letter.letterId}
              letter={letter}
              onChoose={(isChosen) => choose([letter.letterId], isChosen)}
              onOpen={() => setOpened(letter)}
            />
          ))}
        </Table>
      </div>
      {letters.hasNextPage && (
        <div className={styles.more}>
          <Button
            loading={letters.isFetchingNextPage}
            onClick={() => letters.fetchNextPage()}
            text="Load more"
          />
        </div>
      )}
      {opened !== undefined && (
        <DeadLetterPanel
          key={opened.letterId}
          letter={opened}
          onClose={() => setOpened(undefined)}
          stream={stream}
        />
      )}
    </Card>
  );
}

interface RowProps {
  letter: DeadLetter;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
  onOpen: () => void;
}

function Row({ letter, isChosen, onChoose, onOpen }: RowProps) {
  const { letterId, time, path, expected, found, value, username } = letter;
  return (
    <tr>
      <td>
        <Checkbox
          aria-label={`Choose dead letter ${letterId}`}
          checked={isChosen}
          className={styles.check}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
      </td>
      <td className={styles.muted}>
        <Time value={time} />
      </td>
      <td>
        <button className={styles.open} onClick={onOpen} type="button">
          {path === "" ? "The record" : path}
          <span className="visually-hidden">, open dead letter {letterId}</span>
        </button>
        <div className={styles.why}>
          Expected {expected}; found <code>{found}</code>
        </div>
      </td>
      <td>
        <code className={styles.record}>{value}</code>
      </td>
      <td className={styles.muted}>{username}</td>
    </tr>
  );
}

interface ActionsProps {
  stream: StreamName;
  chosen: string[];
  openCount: number;
  onDone: () => void;
}

function Actions({ stream, chosen, openCount, onDone }: ActionsProps) {
  const replay = useResolveDeadLetters(stream, "replay");
  const discard = useResolveDeadLetters(stream, "discard");
  const [asks, setAsks] = useState(false);
  const notify = useNotify();
  const done = (results: readonly LetterResult[]) => {
    const left = results.filter((one) => one.outcome === "INVALID").length;
    notify({ message: summary(results), intent: left > 0 ? "warning" : "success" });
    setAsks(false);
    onDone();
  };
  return (
    <div className={styles.actions}>
      <span className={styles.count}>
        {chosen.length > 0
          ? `${plural(chosen.length, "dead letter")} chosen`
          : plural(openCount, "dead letter")}
      </span>
      <Button
        disabled={chosen.length === 0}
        icon={<PlayIcon />}
        loading={replay.isPending}
        onClick={() => replay.mutate(chosen, { onSuccess: done })}
        text="Replay"
      />
      <Button
        disabled={chosen.length === 0}
        icon={<TrashIcon />}
        onClick={() => setAsks(true)}
        text="Discard"
      />
      <Problem error={replay.error} />
      <ConfirmDialog
        confirmLabel="Discard"
        error={discard.error}
        isOpen={asks}
        isPending={discard.isPending}
        onClose={() => setAsks(false)}
        onConfirm={() => discard.mutate(chosen, { onSuccess: done })}
        title={`Discard ${plural(chosen.length, "dead letter")}?`}
      >
        Their records are given up and cannot be brought back.
      </ConfirmDialog>
    </div>
  );
}

const OUTCOMES = {
  REPLAYED: "replayed",
  DISCARDED: "discarded",
  INVALID: "still not fitting the schema",
  RESOLVED_BEFORE: "resolved before",
  IN_USE: "being resolved by somebody else",
  NOT_FOUND: "not found",
} as const satisfies Record<LetterResult["outcome"], string>;

/** "3 replayed, 1 still not fitting the schema." */
function summary(results: readonly LetterResult[]): string {
  const parts = Object.entries(OUTCOMES).flatMap(([outcome, text]) => {
    const count = results.filter((one) => one.outcome === outcome).length;
    return count > 0 ? [`${count} ${text}`] : [];
  });
  return `${parts.join(", ")}.`;
}
