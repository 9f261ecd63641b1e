import { Callout, SegmentedControl } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import { Card } from "@/components/card";
import { Failed } from "@/components/failed";
import { ArchiveView, type ArchiveViewProps } from "./archive-view";
import { LiveTable } from "./live-table";
import styles from "./preview.module.css";
import { type PreviewChoice, PreviewTools } from "./preview-tools";
import { useLiveRecords } from "./use-live-records";
import { useRefresh } from "./use-stream";
import type { StreamDescription, StreamName } from "./wire";

export type PreviewSource = "live" | "archive";

interface PreviewProps {
  stream: StreamName;
  description: StreamDescription;
}

interface SourceProps extends Pick<ArchiveViewProps, "archive" | "onArchive"> {
  source: PreviewSource;
  onSource: (source: PreviewSource) => void;
}

/** What is in the stream: the newest records as they come, or all of them as a table. */
export function Preview(props: PreviewProps & SourceProps) {
  const { source, onSource, archive, onArchive, ...shown } = props;
  return (
    <>
      <div className={styles.source}>
        <SegmentedControl
          aria-label="Live or archive"
          onValueChange={(value) => onSource(value as PreviewSource)}
          options={[
            { label: "Live", value: "live" },
            { label: "Archive", value: "archive" },
          ]}
          role="radiogroup"
          size="small"
          value={source}
        />
      </div>
      {source === "live" ? (
        <Live {...shown} />
      ) : (
        <ArchiveView {...shown} archive={archive} onArchive={onArchive} />
      )}
    </>
  );
}

function Live({ stream, description }: PreviewProps) {
  const [choice, setChoice] = useState<PreviewChoice>({
    isLive: true,
    partition: undefined,
    text: "",
    key: "",
  });
  const feed = useLiveRecords(stream, choice);
  const refresh = useRefresh(stream);
  const { resets } = feed;

  useEffect(() => {
    if (resets > 0) void refresh();
  }, [resets]);

  if (feed.error !== undefined) return <Failed error={feed.error} />;
  return (
    <>
      {resets > 0 && (
        <div className={styles.notice}>
          <Callout compact intent="warning" role="status">
            The stream was reset while you watched: its old records are gone.
          </Callout>
        </div>
      )}
      <Card>
        <PreviewTools
          choice={choice}
          description={description}
          feed={feed}
          onChange={(part) => setChoice((before) => ({ ...before, ...part }))}
        />
        <LiveTable choice={choice} description={description} feed={feed} />
      </Card>
    </>
  );
}
