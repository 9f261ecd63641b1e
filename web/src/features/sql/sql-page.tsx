import { Button } from "@blueprintjs/core";
import { PlayIcon, StopIcon, ThListIcon } from "@blueprintjs/icons";
import { useEffect, useMemo, useRef, useState } from "react";
import { Card } from "@/components/card";
import { CopyButton } from "@/components/copy-button";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { PageHeader } from "@/components/page";
import { SqlEditor, type SqlEditorHandle } from "@/components/sql-editor";
import { useUser } from "@/lib/session";
import { Elapsed } from "./elapsed";
import { problemsIn } from "./problem-place";
import { addRecent, readRecent } from "./recent";
import { RecentMenu } from "./recent-menu";
import { ResultView } from "./result-view";
import styles from "./sql.module.css";
import { TableList } from "./table-list";
import { type Run, useRun } from "./use-run";

/** A longer query stands in no address: browsers and proxies cut them. */
const LINKED_LENGTH_MAX = 4_000;
const HELP = "sql-help";

interface SqlPageProps {
  /** The query that the page's address has. */
  query: string;
  /** Called with the query that the address is to have. */
  onQuery: (query: string) => void;
}

/** Ask streams in SQL. */
export function SqlPage({ query, onQuery }: SqlPageProps) {
  const user = useUser();
  const [text, setText] = useState(query);
  const [recent, setRecent] = useState(() => readRecent(user.id));
  const [tables, setTables] = useState<Record<string, readonly string[]>>({});
  const { run, begin, cancel } = useRun();
  const editor = useRef<SqlEditorHandle>(null);
  const linked = useRef(query);
  const isRunning = run.state === "running";

  // Another link was followed, or the browser went back.
  useEffect(() => {
    if (query !== linked.current) setText(query);
    linked.current = query;
  }, [query]);

  const start = () => {
    if (text.trim() === "") return;
    setRecent(addRecent(user.id, text));
    linked.current = text.length > LINKED_LENGTH_MAX ? "" : text;
    onQuery(linked.current);
    void begin(text);
  };
  const problems = useMemo(
    () => (run.state === "failed" && run.query === text ? problemsIn(text, run.error) : []),
    [run, text],
  );
  return (
    <>
      <PageHeader
        description="Ask your streams in DuckDB's SQL. A query sees every record that was acknowledged before it began, and only reads."
        title="SQL"
      />
      <div className={styles.page}>
        <TableList
          onFields={(path, fields) => setTables((before) => ({ ...before, [path]: fields }))}
          onInsert={(name) => editor.current?.insert(name)}
        />
        <div className={styles.work}>
          <Card>
            <SqlEditor
              describedBy={HELP}
              isInvalid={problems.length > 0}
              label="Query"
              onChange={setText}
              onRun={start}
              placeholder={'SELECT * FROM "/Space/Project/stream" LIMIT 100'}
              problems={problems}
              ref={editor}
              tables={tables}
              value={text}
            />
            <div className={styles.tools}>
              <Button
                disabled={text.trim() === ""}
                icon={<PlayIcon />}
                intent="primary"
                loading={isRunning}
                onClick={start}
                text="Run"
              />
              {isRunning && (
                <Button icon={<StopIcon />} onClick={cancel} text="Cancel" variant="outlined" />
              )}
              <span className={styles.help} id={HELP}>
                Ctrl or ⌘ with Enter runs it
              </span>
              <span className={styles.space} />
              <RecentMenu onChoose={setText} queries={recent} />
              {text !== "" && text.length <= LINKED_LENGTH_MAX && (
                <CopyButton label="Copy link" text={linkTo(text)} variant="minimal" />
              )}
            </div>
          </Card>
          <Outcome onRetry={start} run={run} />
        </div>
      </div>
    </>
  );
}

function Outcome({ run, onRetry }: { run: Run; onRetry: () => void }) {
  switch (run.state) {
    case "running":
      return (
        <Card isPadded>
          <Elapsed key={run.startedMs} sinceMs={run.startedMs} />
        </Card>
      );
    case "done":
      return <ResultView key={run.result.queryId} result={run.result} />;
    case "failed":
      return (
        <Card>
          <Failed error={run.error} retry={onRetry} title="The query failed" />
        </Card>
      );
    case "canceled":
      return (
        <Card>
          <Empty icon={<StopIcon size={20} />} title="The query was canceled" />
        </Card>
      );
    default:
      return (
        <Card>
          <Empty icon={<ThListIcon size={20} />} title="Results appear here">
            Choose a stream to put its name into the query.
          </Empty>
        </Card>
      );
  }
}

function linkTo(query: string): string {
  return `${window.location.origin}/sql?q=${encodeURIComponent(query)}`;
}
