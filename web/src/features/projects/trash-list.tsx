import { Button } from "@blueprintjs/core";
import { TrashIcon } from "@blueprintjs/icons";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Table } from "@/components/table";
import { Trail } from "@/components/trail";
import styles from "./resource-table.module.css";
import { TrashRow } from "./trash-row";
import { useTrashed } from "./use-folder";
import { useKinds } from "./use-kinds";

/** What was put in the trash: to restore it, or to delete it for ever. */
export function TrashList() {
  return (
    <>
      <PageHeader
        breadcrumbs={<Trail folders={[]} />}
        description="What lies here takes no records, keeps those it has, and can be restored. Nothing is deleted by itself."
        title="Trash"
      />
      <Card>
        <Trashed />
      </Card>
    </>
  );
}

function Trashed() {
  const trashed = useTrashed();
  const rows = trashed.data?.pages.flatMap((page) => page.data) ?? [];
  const kindOf = useKinds(rows.map((one) => one.resource));

  if (trashed.isPending) return <Loading what="the trash" />;
  if (trashed.isError) return <Failed error={trashed.error} retry={trashed.refetch} />;

  const more = trashed.hasNextPage && (
    <div className={styles.more}>
      <Button
        loading={trashed.isFetchingNextPage}
        onClick={() => void trashed.fetchNextPage()}
        text="Show more"
      />
    </div>
  );
  if (rows.length === 0) {
    return (
      more || (
        <Empty icon={<TrashIcon size={20} />} title="The trash is empty">
          Streams, datasets, folders and projects that are moved to the trash appear here.
        </Empty>
      )
    );
  }
  const actions = (
    <span className="visually-hidden" key="actions">
      Actions
    </span>
  );
  return (
    <>
      <Table
        className={styles.trash}
        head={["Name", "Type", "Was in", "Moved here", actions]}
        label="Trash"
      >
        {rows.map((trashedOne) => (
          <TrashRow
            key={trashedOne.resource.rid}
            kind={kindOf(trashedOne.resource)}
            trashed={trashedOne}
          />
        ))}
      </Table>
      {more}
    </>
  );
}
