import { Callout, Tab, Tabs } from "@blueprintjs/core";
import { LockIcon } from "@blueprintjs/icons";
import type { ReactNode } from "react";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Trail } from "@/components/trail";
import { type Located, useLocated } from "@/lib/resources";
import { mayEdit } from "@/lib/roles";
import { BranchTools } from "./branch-tools";
import styles from "./dataset.module.css";
import { DatasetSchemaView } from "./dataset-schema";
import { Files } from "./files";
import { History } from "./history";
import { TablePreview } from "./table-preview";
import { type Dataset, type DatasetBranch, useBranches, useDataset } from "./use-dataset";

export const DATASET_TABS = ["files", "table", "history", "schema"] as const;
export type DatasetTab = (typeof DATASET_TABS)[number];

interface DatasetPageProps extends DatasetBranch {
  tab: DatasetTab;
  onTab: (tab: DatasetTab) => void;
  onBranch: (branch: string) => void;
  /** The button "Share" with its panel. */
  share: (dataset: Dataset) => ReactNode;
  /** The menu of what is done with the dataset as a whole. */
  menu: (located: Located, dataset: Dataset) => ReactNode;
}

/** Everything about one dataset of files. */
export function DatasetPage({ rid, branch, tab, onTab, onBranch, share, menu }: DatasetPageProps) {
  const located = useLocated(rid);
  const dataset = useDataset(rid);
  const mayRead = dataset.isSuccess && dataset.data.role !== "discoverer";
  const branches = useBranches(rid, mayRead);

  if (located.isPending || dataset.isPending) return <Loading what="the dataset" />;
  if (located.isError) return <Failed error={located.error} isPage retry={located.refetch} />;
  if (dataset.isError) return <Failed error={dataset.error} isPage retry={dataset.refetch} />;

  const { resource, ancestors } = located.data;
  const described = { ...dataset.data, trashStatus: resource.trashStatus };
  const isChangeable = mayChange(described);
  const isWritable = isChangeable && !described.isStreaming;
  const note = noteOf(described);
  const target = { rid, branch };
  return (
    <>
      <PageHeader
        actions={
          <>
            {branches.isSuccess && (
              <BranchTools
                branch={branch}
                branches={branches.data}
                dataset={described}
                isWritable={isWritable}
                onBranch={onBranch}
              />
            )}
            {share(described)}
          </>
        }
        breadcrumbs={<Trail folders={ancestors} />}
        description={resource.description ?? undefined}
        menu={menu(located.data, described)}
        title={resource.displayName}
      />
      {note !== undefined && (
        <div className={styles.notice}>
          <Callout compact intent={described.trashStatus === "NOT_TRASHED" ? "none" : "warning"}>
            {note}
          </Callout>
        </div>
      )}
      {!mayRead && (
        <Card>
          <Empty icon={<LockIcon size={20} />} title="You may not read this dataset">
            You see that it is here. Its files, rows and history are for those with the role Viewer;
            an owner gives it to you.
          </Empty>
        </Card>
      )}
      {branches.isError && <Failed error={branches.error} retry={branches.refetch} />}
      {mayRead && branches.isPending && <Loading what="the branches" />}
      {branches.isSuccess && (
        <Tabs
          className={styles.tabs}
          id="dataset"
          onChange={(id) => onTab(id as DatasetTab)}
          renderActiveTabPanelOnly
          selectedTabId={tab}
        >
          <Tab
            id="files"
            panel={
              <Files
                {...target}
                isWritable={isWritable}
                note={
                  described.isStreaming
                    ? "Some seconds after the first record there is one."
                    : "Nobody has uploaded any to this branch."
                }
              />
            }
            title="Files"
          />
          <Tab id="table" panel={<TablePreview {...target} />} title="Table" />
          <Tab id="history" panel={<History {...target} />} title="History" />
          <Tab id="schema" panel={<DatasetSchemaView {...target} />} title="Schema" />
        </Tabs>
      )}
    </>
  );
}

function mayChange({ role, trashStatus }: Dataset): boolean {
  return mayEdit(role) && trashStatus === "NOT_TRASHED";
}

/** Why nothing is offered that would change the dataset; nothing where it is. */
function noteOf({ role, trashStatus, isStreaming }: Dataset): string | undefined {
  if (trashStatus === "DIRECTLY_TRASHED") {
    return "This dataset is in the trash: nothing can be changed until it is restored.";
  }
  if (trashStatus !== "NOT_TRASHED") {
    return "A folder above is in the trash: nothing can be changed until it is restored.";
  }
  if (role === "viewer") {
    return "You may read it. Only editors and owners upload and delete files, and make branches.";
  }
  return isStreaming ? "Its branches are streams: records are pushed, not uploaded." : undefined;
}
