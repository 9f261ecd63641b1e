import { Menu, MenuItem } from "@blueprintjs/core";
import { FeedSubscribedIcon, MoreIcon, ResetIcon, TrashIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Card } from "@/components/card";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { MenuButton } from "@/components/menu-button";
import { StateTag } from "@/components/state-tag";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import { formatNumber, plural } from "@/lib/format";
import { ResetSubscriberDialog } from "./reset-subscriber-dialog";
import styles from "./subscribers.module.css";
import { useDeleteSubscriber, useSubscribers } from "./use-stream";
import type { StreamDescription, StreamName, SubscriberState } from "./wire";

interface SubscribersProps {
  stream: StreamName;
  description: StreamDescription;
}

/** Who reads the stream with a position that the server keeps. */
export function Subscribers({ stream, description }: SubscribersProps) {
  const subscribers = useSubscribers(stream);

  if (subscribers.isPending) return <Loading what="subscribers" />;
  if (subscribers.isError) return <Failed error={subscribers.error} retry={subscribers.refetch} />;
  if (subscribers.data.data.length === 0) {
    return (
      <Card>
        <Empty icon={<FeedSubscribedIcon size={20} />} title="No subscribers yet">
          A program that reads the stream can have its position kept here: it registers a subscriber
          by API, reads, and commits what it has processed.
        </Empty>
      </Card>
    );
  }

  const actions = (
    <span className="visually-hidden" key="actions">
      Actions
    </span>
  );
  return (
    <Card>
      <div className={styles.table}>
        <Table
          head={["Subscriber", "Next offset by partition", "Lag", "Created", actions]}
          label="Subscribers"
        >
          {subscribers.data.data.map((subscriber) => (
            <Row
              canChange={description.role !== "viewer"}
              isOld={subscriber.viewRid !== description.viewRid}
              key={subscriber.subscriberId}
              stream={stream}
              subscriber={subscriber}
            />
          ))}
        </Table>
      </div>
    </Card>
  );
}

interface RowProps {
  stream: StreamName;
  subscriber: SubscriberState;
  /** Whether it has not read since the stream was reset. */
  isOld: boolean;
  canChange: boolean;
}

function Row({ stream, subscriber, isOld, canChange }: RowProps) {
  const { subscriberId, positions, lagTotal, createdTime } = subscriber;
  return (
    <tr>
      <td>
        <code className={styles.id}>{subscriberId}</code>
        {isOld && <div className={styles.muted}>has not read since the stream was reset</div>}
      </td>
      <td>
        <ul className={styles.positions}>
          {Object.entries(positions).map(([partition, offset]) => (
            <li key={partition} title={`Partition ${partition}: reads offset ${offset} next`}>
              <span>{partition}</span> {formatNumber(offset)}
            </li>
          ))}
        </ul>
      </td>
      <td>
        {lagTotal === 0 ? (
          <StateTag intent="success">Caught up</StateTag>
        ) : (
          <strong>{plural(lagTotal, "record")}</strong>
        )}
      </td>
      <td className={styles.muted}>
        <Time value={createdTime} />
      </td>
      <td>{canChange && <RowMenu stream={stream} subscriberId={subscriberId} />}</td>
    </tr>
  );
}

function RowMenu({ stream, subscriberId }: { stream: StreamName; subscriberId: string }) {
  const [asks, setAsks] = useState<"reset" | "delete">();
  const remove = useDeleteSubscriber(stream);
  const close = () => setAsks(undefined);
  return (
    <>
      <MenuButton
        aria-label={`Actions for ${subscriberId}`}
        icon={<MoreIcon />}
        menu={
          <Menu aria-label={`Actions for ${subscriberId}`}>
            <MenuItem icon={<ResetIcon />} onClick={() => setAsks("reset")} text="Reset position" />
            <MenuItem
              icon={<TrashIcon />}
              intent="danger"
              onClick={() => setAsks("delete")}
              text="Delete"
            />
          </Menu>
        }
        size="small"
        variant="minimal"
      />
      <ResetSubscriberDialog
        isOpen={asks === "reset"}
        onClose={close}
        stream={stream}
        subscriberId={subscriberId}
      />
      <ConfirmDialog
        confirmLabel="Delete"
        error={remove.error}
        isOpen={asks === "delete"}
        isPending={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate(subscriberId, { onSuccess: close })}
        title={`Delete ${subscriberId}?`}
      >
        Its position is forgotten, and the program that uses it is refused. The records stay.
      </ConfirmDialog>
    </>
  );
}
