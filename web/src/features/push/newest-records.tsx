import { Link } from "@tanstack/react-router";
import { Card } from "@/components/card";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { DEFAULT_BRANCH } from "@/lib/streams";
import styles from "./push-data.module.css";
import { type PushTarget, useNewestRecords } from "./use-push";

/** What is in the stream now, also what was pushed by a program outside of the page. */
export function NewestRecords({ target }: { target: PushTarget }) {
  const { rid, branch } = target;
  return (
    <Card isPadded>
      <section aria-label="Newest records">
        <div className={styles.head}>
          <h2 className={styles.stepTitle}>Newest records</h2>
          <Link
            params={{ rid }}
            search={branch === DEFAULT_BRANCH ? {} : { branch }}
            to="/streams/$rid"
          >
            View the stream
          </Link>
        </div>
        <p className={styles.muted}>Read back every two seconds: run the code and watch.</p>
        <List target={target} />
      </section>
    </Card>
  );
}

function List({ target }: { target: PushTarget }) {
  const newest = useNewestRecords(target);

  if (newest.isPending) return <Loading what="records" />;
  if (newest.isError) return <Failed error={newest.error} retry={newest.refetch} />;
  if (newest.data.length === 0) {
    return <div className={styles.none}>No records yet. What you push appears here.</div>;
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard
    <ol aria-label="Newest records" className={styles.records} tabIndex={0}>
      {newest.data.map((record, index) => (
        <li key={newest.data.length - index}>
          <code>{JSON.stringify(record)}</code>
        </li>
      ))}
    </ol>
  );
}
