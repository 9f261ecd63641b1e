import { Callout, SegmentedControl } from "@blueprintjs/core";
import { ArchiveIcon } from "@blueprintjs/icons";
import { useEffect, useState } from "react";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { LiveTable } from "./live-table";
import styles from "./preview.module.css";
import { type PreviewChoice, PreviewTools } from "./preview-tools";
import { useLiveRecords } from "./use-live-records";
import { useRefresh } from "./use-stream";
import type { StreamDescription, StreamName } from "./wire";

interface PreviewProps {
  stream: StreamName;
  description: StreamDescription;
}

/** What is in the stream: now, and some day in its archive. */
export function Preview(props: PreviewProps) {
  const [source, setSource] = useState("live");
  return (
    <>
      <div className={styles.source}>
        <SegmentedControl
          aria-label="Live or archive"
          onValueChange={setSource}
          options={[
            { label: "Live", value: "live" },
            { label: "Archive", value: "archive" },
          ]}
          role="radiogroup"
          size="small"
          value={source}
        />
      </div>
      {source === "live" ? <Live {...props} /> : <Archive />}
    </>
  );
}

function Archive() {
  return (
    <Card>
      <Empty icon={<ArchiveIcon size={20} />} title="Not yet: an archive">
        Records are kept in the stream itself and can be read from its first offset on. Copies in
        files, to sort, filter and chart, do not exist yet.
      </Empty>
    </Card>
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
