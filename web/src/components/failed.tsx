import { Button } from "@blueprintjs/core";
import { ErrorIcon, RefreshIcon } from "@blueprintjs/icons";
import { ApiError } from "@/lib/errors";
import { ErrorText } from "./error-text";
import styles from "./notice-box.module.css";

interface FailedProps {
  error: unknown;
  /** Tries again; without it there is no button. */
  retry?: () => unknown;
  /** Whether it stands for a whole page, so that its title is the page's. */
  isPage?: boolean;
  /** What failed; by default what the error says of it. */
  title?: string;
}

/** Stands where something should be that could not be read. */
export function Failed({ error, retry, isPage = false, title }: FailedProps) {
  const Title = isPage ? "h1" : "h2";
  const instanceId = error instanceof ApiError ? error.instanceId : "";
  return (
    <div className={styles.box} role="alert">
      <div aria-hidden="true" className={styles.icon}>
        <ErrorIcon size={20} />
      </div>
      <Title className={styles.title}>{title ?? titleOf(error)}</Title>
      <div className={styles.text}>
        <ErrorText error={error} />
      </div>
      {retry !== undefined && (
        <div className={styles.action}>
          <Button icon={<RefreshIcon />} onClick={() => retry()} text="Try again" />
        </div>
      )}
      {instanceId !== "" && (
        <div className={styles.reference}>
          For the server's log: <code>{instanceId}</code>
        </div>
      )}
    </div>
  );
}

function titleOf(error: unknown): string {
  if (!(error instanceof ApiError)) return "This could not be loaded";
  if (error.status === 404) return "Not found";
  if (error.status === 403) return "No permission";
  if (error.status === 429) return "Too many requests";
  return "This could not be loaded";
}
