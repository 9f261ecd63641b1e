import type { FeedState } from "./live-feed";
import styles from "./preview.module.css";

interface ConnectionStateProps {
  feed: FeedState;
  isLive: boolean;
}

/** Says whether new records come now. */
export function ConnectionState({ feed, isLive }: ConnectionStateProps) {
  const [tone, word] = stateOf(feed.connection, isLive);
  return (
    <span className={styles.state} data-tone={tone} role="status">
      {word}
    </span>
  );
}

function stateOf(connection: FeedState["connection"], isLive: boolean): [string, string] {
  if (!isLive) return ["still", "Paused"];
  if (connection === "live") return ["live", "Live"];
  if (connection === "reconnecting") return ["lost", "Connection lost, reconnecting…"];
  return ["still", "Connecting…"];
}
