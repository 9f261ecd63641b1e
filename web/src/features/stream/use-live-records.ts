import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useApi } from "@/lib/api";
import { type FeedState, LiveFeed } from "./live-feed";
import type { StreamName } from "./wire";

interface LiveOptions {
  /** Only of this partition. */
  partition: number | undefined;
  /** Whether it follows now; what came stays when it does not. */
  isLive: boolean;
}

/** The newest records of a stream, as they come. */
export function useLiveRecords({ rid, branch }: StreamName, options: LiveOptions): FeedState {
  const { partition, isLive } = options;
  const api = useApi();
  const feed = useMemo(
    () => new LiveFeed(api, { rid, branch, partition }),
    [api, rid, branch, partition],
  );
  useEffect(() => {
    if (!isLive) return;
    feed.start();
    return () => feed.stop();
  }, [feed, isLive]);
  return useSyncExternalStore(feed.subscribe, feed.read);
}
