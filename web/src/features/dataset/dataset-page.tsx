import { HTMLSelect, Tab, Tabs } from "@blueprintjs/core";
import { GitBranchIcon } from "@blueprintjs/icons";
import type { ReactNode } from "react";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Trail } from "@/components/trail";
import { type Located, useLocated } from "@/lib/resources";
import styles from "./dataset.module.css";
import { DatasetSchemaView } from "./dataset-schema";
import { Files } from "./files";
import { History } from "./history";
import { TablePreview } from "./table-preview";
import { type DatasetBranch, useBranches } from "./use-dataset";

export const DATASET_TABS = ["files", "table", "history", "schema"] as const;
export type DatasetTab = (typeof DATASET_TABS)[number];

interface DatasetPageProps extends DatasetBranch {
  tab: DatasetTab;
  onTab: (tab: DatasetTab) => void;
  onBranch: (branch: string) => void;
  /** The button "Share" with its panel. */
  share: ReactNode;
  /** The menu of what is done with the dataset as a whole. */
  menu: (located: Located) => ReactNode;
}

/** Everything about one dataset of files. */
export function DatasetPage({ rid, branch, tab, onTab, onBranch, share, menu }: DatasetPageProps) {
  const located = useLocated(rid);
  const branches = useBranches(rid);

  if (located.isPending || branches.isPending) return <Loading what="the dataset" />;
  if (located.isError) return <Failed error={located.error} isPage retry={located.refetch} />;
  if (branches.isError) return <Failed error={branches.error} isPage retry={branches.refetch} />;

  const { resource, ancestors } = located.data;
  const isWritable = resource.trashStatus === "NOT_TRASHED";
  const target = { rid, branch };
  return (
    <>
      <PageHeader
        actions={
          <>
            <BranchSwitch branch={branch} branches={branches.data} onBranch={onBranch} />
            {share}
            {menu(located.data)}
          </>
        }
        breadcrumbs={<Trail folders={ancestors} />}
        description={resource.description ?? undefined}
        title={resource.displayName}
      />
      <Tabs
        className={styles.tabs}
        id="dataset"
        onChange={(id) => onTab(id as DatasetTab)}
        renderActiveTabPanelOnly
        selectedTabId={tab}
      >
        <Tab id="files" panel={<Files {...target} isWritable={isWritable} />} title="Files" />
        <Tab id="table" panel={<TablePreview {...target} />} title="Table" />
        <Tab id="history" panel={<History {...target} />} title="History" />
        <Tab id="schema" panel={<DatasetSchemaView {...target} />} title="Schema" />
      </Tabs>
    </>
  );
}

interface BranchSwitchProps {
  branch: string;
  branches: readonly string[];
  onBranch: (branch: string) => void;
}

function BranchSwitch({ branch, branches, onBranch }: BranchSwitchProps) {
  if (branches.length < 2 && branches.includes(branch)) return null;
  return (
    <span className={styles.branch}>
      <GitBranchIcon aria-hidden="true" />
      <HTMLSelect
        aria-label="Branch"
        onChange={(event) => onBranch(event.target.value)}
        options={branches.includes(branch) ? [...branches] : [branch, ...branches]}
        value={branch}
      />
    </span>
  );
}
