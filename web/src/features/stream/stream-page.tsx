import { Tab, Tabs } from "@blueprintjs/core";
import type { JSX, ReactNode } from "react";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { isNamed } from "@/lib/errors";
import { formatShort } from "@/lib/format";
import { useShownTab } from "@/lib/shown-tab";
import { Activity } from "./activity";
import type { ArchiveAddress } from "./archive-address";
import { DeadLetters } from "./dead-letters";
import { Details } from "./details";
import { Metrics } from "./metrics";
import { Preview } from "./preview";
import { StreamHeader } from "./stream-header";
import styles from "./stream-page.module.css";
import { Subscribers } from "./subscribers";
import { TrashNotice } from "./trash-notice";
import { useDeadLetterCount } from "./use-dead-letters";
import { useStream } from "./use-stream";
import type { StreamDescription, StreamName } from "./wire";

export const TABS = [
  "preview",
  "archive",
  "history",
  "files",
  "details",
  "metrics",
  "subscribers",
  "dead-letters",
  "activity",
] as const;
export type StreamTab = (typeof TABS)[number];

interface StreamPageProps {
  stream: StreamName;
  tab: StreamTab;
  onTab: (tab: StreamTab) => void;
  onBranch: (branch: string) => void;
  /** What the page's address says of the archive's rows. */
  archive: ArchiveAddress;
  onArchive: (address: ArchiveAddress) => void;
  /** The button "Share" with its panel. */
  share: (description: StreamDescription) => ReactNode;
  /** The transactions of the stream's table, and its files. */
  history: JSX.Element;
  files: JSX.Element;
  /** Stands for the page where the dataset has no such stream. */
  missing: ReactNode;
  /** The button with which the schema is changed. */
  schemaChange: (description: StreamDescription) => ReactNode;
  /** The menu of what is done with the stream as a whole. */
  menu: (description: StreamDescription) => ReactNode;
}

/** Everything about one stream. */
export function StreamPage({ stream, tab, onTab, onBranch, ...props }: StreamPageProps) {
  const description = useStream(stream);
  // Dead letters are for those who may push; in the trash nobody may.
  const mayPush =
    description.data !== undefined &&
    description.data.role !== "viewer" &&
    description.data.trashStatus === "NOT_TRASHED";
  const letterCount = useDeadLetterCount(stream, mayPush);
  const shown = shownTab(tab, mayPush);
  const tabs = useShownTab<HTMLDivElement>(`${shown} ${description.isSuccess}`);

  if (description.isPending) return <Loading what="the stream" />;
  if (isNamed(description.error, "StreamNotFound")) return props.missing;
  if (description.isError) {
    return <Failed error={description.error} isPage retry={description.refetch} />;
  }

  const { data } = description;
  return (
    <>
      <StreamHeader
        description={data}
        menu={props.menu(data)}
        onBranch={onBranch}
        share={props.share(data)}
      />
      <TrashNotice description={data} />
      <div ref={tabs}>
        <Tabs
          className={styles.tabs}
          id="stream"
          onChange={(id) => onTab(id as StreamTab)}
          renderActiveTabPanelOnly
          selectedTabId={shown}
        >
          <Tab
            id="preview"
            panel={
              <Preview
                archive={props.archive}
                description={data}
                onArchive={props.onArchive}
                onSource={(source) => onTab(source === "live" ? "preview" : "archive")}
                source={tab === "archive" ? "archive" : "live"}
                stream={stream}
              />
            }
            title="Preview"
          />
          <Tab id="history" panel={props.history} title="History" />
          <Tab id="files" panel={props.files} title="Files" />
          <Tab
            id="details"
            panel={
              <Details description={data} schemaChange={props.schemaChange(data)} stream={stream} />
            }
            title="Details"
          />
          <Tab id="metrics" panel={<Metrics stream={stream} />} title="Metrics" />
          <Tab
            id="subscribers"
            panel={<Subscribers description={data} stream={stream} />}
            title="Subscribers"
          />
          {mayPush && (
            <Tab
              id="dead-letters"
              panel={<DeadLetters stream={stream} />}
              tagContent={letterCount > 0 ? formatShort(letterCount) : undefined}
              tagProps={{ intent: "warning", minimal: true, round: true }}
              title="Dead letters"
            />
          )}
          <Tab id="activity" panel={<Activity stream={stream} />} title="Activity" />
        </Tabs>
      </div>
    </>
  );
}

/** The archive is shown where the preview is; dead letters only to those who may see them. */
function shownTab(tab: StreamTab, mayPush: boolean): StreamTab {
  return tab === "archive" || (tab === "dead-letters" && !mayPush) ? "preview" : tab;
}
