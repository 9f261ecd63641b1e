import { PulseIcon, SearchIcon } from "@blueprintjs/icons";
import { useMemo, useState } from "react";
import { ButtonLink } from "@/components/button-link";
import { Empty } from "@/components/empty";
import { formatNumber, plural } from "@/lib/format";
import type { FeedState } from "./live-feed";
import { type LiveRow, matchingRows, ROWS_SHOWN_MAX } from "./live-rows";
import styles from "./preview.module.css";
import type { PreviewChoice } from "./preview-tools";
import { RecordDrawer } from "./record-drawer";
import { RecordsTable } from "./records-table";
import type { StreamDescription } from "./wire";

interface LiveTableProps {
  feed: FeedState;
  choice: PreviewChoice;
  description: StreamDescription;
}

/** The records that match, and what there is to say of those that are not shown. */
export function LiveTable({ feed, choice, description }: LiveTableProps) {
  const [open, setOpen] = useState<LiveRow>();
  const { schema } = description;
  const { text, key } = choice;
  const rows = useMemo(
    () => matchingRows(feed.rows, { text, key, keyFields: schema.keyFieldNames ?? [] }),
    [feed.rows, text, key, schema],
  );
  return (
    <>
      <RecordsTable fields={schema.fields} onOpen={setOpen} rows={rows} />
      {rows.length === 0 && <Nothing description={description} feed={feed} />}
      <Notes feed={feed} shown={rows.length} />
      {open !== undefined && (
        <RecordDrawer fields={schema.fields} onClose={() => setOpen(undefined)} row={open} />
      )}
    </>
  );
}

function Nothing({ feed, description }: Pick<LiveTableProps, "feed" | "description">) {
  if (feed.rows.length > 0) {
    return <Empty icon={<SearchIcon size={20} />} title="None of the newest records matches" />;
  }
  if (feed.connection !== "live") return <div className={styles.waiting} />;
  return (
    <Empty
      action={
        <ButtonLink
          text="See how to push"
          params={{ rid: description.datasetRid }}
          search={{ branch: description.branchName }}
          to="/streams/$rid/connect"
          variant="outlined"
        />
      }
      icon={<PulseIcon size={20} />}
      title="Waiting for records"
    >
      They appear here by themselves as soon as they are pushed.
    </Empty>
  );
}

/** Honest about what the table leaves out. */
function Notes({ feed, shown }: { feed: FeedState; shown: number }) {
  const held = feed.rows.length;
  const isCut = shown === held || shown === ROWS_SHOWN_MAX;
  const words = isCut
    ? `The newest ${plural(shown, "record")}`
    : `${formatNumber(shown)} of the newest ${plural(held, "record")}`;
  return (
    <p className={styles.notes}>
      <span>{held > 0 && words}</span>
      {feed.skipped > 0 && (
        <span className={styles.sampled}>
          sampled: {formatNumber(feed.skipped)} records not shown
          {feed.rateMax !== undefined && ` (at most ${formatNumber(feed.rateMax)} per second)`}
        </span>
      )}
    </p>
  );
}
