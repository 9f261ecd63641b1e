import { Button, type Intent } from "@blueprintjs/core";
import { HistoryIcon } from "@blueprintjs/icons";
import { useMemo } from "react";
import { Card } from "@/components/card";
import { Chart } from "@/components/chart";
import { CopyButton } from "@/components/copy-button";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { StateTag } from "@/components/state-tag";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import { formatNumber, plural } from "@/lib/format";
import styles from "./dataset.module.css";
import { secondsOpen, stepText, timelineOf } from "./history-data";
import { allOf, type DatasetBranch, type Transaction, useTransactions } from "./use-dataset";

const INTENTS: Readonly<Record<string, Intent>> = {
  COMMITTED: "success",
  OPEN: "primary",
  ABORTED: "warning",
};

/** The transactions of a branch: drawn over time, and one by one. */
export function History(branch: DatasetBranch) {
  const found = useTransactions(branch);
  const transactions = useMemo(() => allOf(found.data), [found.data]);

  if (found.isPending) return <Loading what="the history" />;
  if (found.isError) return <Failed error={found.error} retry={found.refetch} />;
  if (transactions.length === 0) {
    return (
      <Card>
        <Empty icon={<HistoryIcon size={20} />} title="No transactions yet">
          Each commit to the files of this branch appears here.
        </Empty>
      </Card>
    );
  }
  return (
    <div className={styles.sections}>
      <Card isPadded>
        <TransactionChart transactions={transactions} />
      </Card>
      <Card>
        <Table head={["Closed", "Type", "State", "Open for", "Transaction"]} label="Transactions">
          {transactions.map((transaction) => (
            <TransactionRow key={transaction.rid} transaction={transaction} />
          ))}
        </Table>
        {found.hasNextPage && (
          <div className={styles.more}>
            <Button
              loading={found.isFetchingNextPage}
              onClick={() => found.fetchNextPage()}
              text="Load older"
            />
          </div>
        )}
      </Card>
    </div>
  );
}

function TransactionChart({ transactions }: { transactions: readonly Transaction[] }) {
  const timeline = useMemo(() => timelineOf(transactions), [transactions]);
  const lines = useMemo(
    () => [{ label: "Transactions", values: timeline?.counts ?? [] }],
    [timeline],
  );
  if (timeline === undefined) return <p className={styles.words}>Nothing was committed yet.</p>;
  const count = timeline.counts.reduce((sum, one) => sum + one, 0);
  return (
    <>
      <Chart
        format={formatNumber}
        lines={lines}
        shape="bars"
        title={`Commits in ${stepText(timeline.stepSeconds)}`}
        xs={timeline.times}
      />
      <p className={styles.words}>
        {plural(count, "commit")} of those that are loaded, at most{" "}
        {formatNumber(Math.max(...timeline.counts))} in {stepText(timeline.stepSeconds)}
      </p>
    </>
  );
}

/** "4 ms" below a second, "2.27 s" above. */
function openFor(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${seconds.toFixed(2)} s`;
}

function TransactionRow({ transaction }: { transaction: Transaction }) {
  const { rid, transactionType, status, createdTime, closedTime } = transaction;
  const seconds = secondsOpen(transaction);
  return (
    <tr>
      <td className={styles.time}>
        <Time value={closedTime ?? createdTime} />
      </td>
      <td>{transactionType}</td>
      <td>
        <StateTag intent={INTENTS[status] ?? "none"}>{status.toLowerCase()}</StateTag>
      </td>
      <td>{seconds === undefined ? "still open" : openFor(seconds)}</td>
      <td>
        <span className={styles.rid}>
          <code>{rid.split(".").at(-1)}</code>
          <CopyButton
            isIconOnly
            label={`Copy the RID ${rid}`}
            size="small"
            text={rid}
            variant="minimal"
          />
        </span>
      </td>
    </tr>
  );
}
