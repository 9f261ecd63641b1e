import { Button, InputGroup, Spinner, SpinnerSize } from "@blueprintjs/core";
import { ChevronDownIcon, ChevronRightIcon, SearchIcon } from "@blueprintjs/icons";
import { useEffect, useId, useState } from "react";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Problem } from "@/components/problem";
import { useSettled } from "@/lib/settled";
import { CHANGELOG, quoteName } from "@/lib/sql";
import styles from "./sql.module.css";
import { type QueryTable, useFields, useTables } from "./use-tables";

interface TableListProps {
  /** Puts a name into the query. */
  onInsert: (text: string) => void;
  /** Told of the fields of each stream that is opened. */
  onFields: (path: string, fields: readonly string[]) => void;
}

/** The streams that one may query, and their fields. */
export function TableList(props: TableListProps) {
  const [text, setText] = useState("");
  const tables = useTables(useSettled(text.trim()));
  return (
    <section aria-label="Streams" className={styles.tables}>
      <InputGroup
        aria-label="Search streams"
        className={styles.search}
        leftIcon={<SearchIcon />}
        onValueChange={setText}
        placeholder="Search streams"
        type="search"
        value={text}
      />
      {tables.isPending && <Loading what="the streams" />}
      {tables.isError && <Failed error={tables.error} retry={tables.refetch} />}
      {tables.isSuccess && tables.data.data.length === 0 && (
        <Empty title={text === "" ? "No streams yet" : "No name contains this"}>
          Streams that you may read appear here.
        </Empty>
      )}
      {tables.isSuccess && (
        <ul className={styles.tableList}>
          {tables.data.data.map((table) => (
            <TableItem key={table.datasetRid} table={table} {...props} />
          ))}
        </ul>
      )}
      {tables.data?.isComplete === false && (
        <p className={styles.more}>There are more; type a part of the name to find them.</p>
      )}
    </section>
  );
}

function TableItem({ table, onInsert, onFields }: TableListProps & { table: QueryTable }) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  return (
    <li>
      <div className={styles.table}>
        <Button
          aria-controls={isOpen ? id : undefined}
          aria-expanded={isOpen}
          aria-label={`Fields of ${table.name}`}
          icon={isOpen ? <ChevronDownIcon /> : <ChevronRightIcon />}
          onClick={() => setIsOpen(!isOpen)}
          size="small"
          variant="minimal"
        />
        <button
          className={styles.insert}
          onClick={() => onInsert(quoteName(table.path))}
          title={table.path}
          type="button"
        >
          <span>
            <span className="visually-hidden">Insert </span>
            {table.name}
          </span>{" "}
          <span className={table.hasChangelog ? styles.kind : styles.place}>
            {table.hasChangelog ? "current state" : placeOf(table)}
          </span>
        </button>
      </div>
      {table.hasChangelog && (
        <div className={styles.changelog}>
          <button
            className={styles.insert}
            onClick={() => onInsert(quoteName(`${table.path}${CHANGELOG}`))}
            title={`${table.path}${CHANGELOG}`}
            type="button"
          >
            <span>
              <span className="visually-hidden">Insert {table.name}</span>
              {CHANGELOG}
            </span>{" "}
            <span className={styles.kind}>all changes</span>
          </button>
        </div>
      )}
      {isOpen && (
        <div id={id}>
          <FieldList onFields={onFields} onInsert={onInsert} table={table} />
        </div>
      )}
    </li>
  );
}

function FieldList({ table, onInsert, onFields }: TableListProps & { table: QueryTable }) {
  const stream = useFields(table, true);
  const schema = stream.data?.schema;

  useEffect(() => {
    if (schema === undefined) return;
    const fields = schema.fields.map(({ name }) => name);
    onFields(table.path, fields);
    if (table.hasChangelog) onFields(`${table.path}${CHANGELOG}`, fields);
  }, [schema]);

  if (stream.isPending) return <Spinner aria-label="Loading" size={SpinnerSize.SMALL} />;
  if (stream.isError) return <Problem error={stream.error} />;
  return (
    <ul className={styles.fields}>
      {stream.data.schema.fields.map(({ name, schema: { dataType } }) => (
        <li key={name}>
          <button
            className={styles.insert}
            onClick={() => onInsert(/^[a-z_]\w*$/.test(name) ? name : quoteName(name))}
            type="button"
          >
            <code>
              <span className="visually-hidden">Insert </span>
              {name}
            </code>{" "}
            <span className={styles.kind}>{dataType.type}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function placeOf({ path }: QueryTable): string {
  return path.split("/").slice(1, -1).join(" / ");
}
