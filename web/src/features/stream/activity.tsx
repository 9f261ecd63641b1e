import { Button } from "@blueprintjs/core";
import { HistoryIcon } from "@blueprintjs/icons";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import styles from "./activity.module.css";
import { useActivity } from "./use-stream";
import type { StreamName } from "./wire";

/** Who did what with the stream, and when. */
export function Activity({ stream }: { stream: StreamName }) {
  const activity = useActivity(stream);

  if (activity.isPending) return <Loading what="the activity" />;
  if (activity.isError) return <Failed error={activity.error} retry={activity.refetch} />;

  const events = activity.data.pages.flatMap((page) => page.data);
  if (events.length === 0) {
    return (
      <Card>
        <Empty icon={<HistoryIcon size={20} />} title="Nothing was done yet">
          Changes of the stream and of who may use it appear here. Pushed records do not.
        </Empty>
      </Card>
    );
  }

  const hasOrigins = events.some((event) => event.origin);
  return (
    <Card>
      <div className={styles.table}>
        <Table head={["When", "Who", "What", ...(hasOrigins ? ["From"] : [])]} label="Activity">
          {events.map((event) => (
            <tr key={event.eventId}>
              <td className={styles.muted}>
                <Time value={event.time} />
              </td>
              <td className={styles.who}>{event.actorName}</td>
              <td>
                {event.text}
                <code className={styles.action}>{event.action}</code>
              </td>
              {hasOrigins && <td className={styles.muted}>{event.origin ?? "–"}</td>}
            </tr>
          ))}
        </Table>
      </div>
      {activity.hasNextPage && (
        <div className={styles.more}>
          <Button
            loading={activity.isFetchingNextPage}
            onClick={() => activity.fetchNextPage()}
            text="Load older"
          />
        </div>
      )}
    </Card>
  );
}
