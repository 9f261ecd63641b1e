import { autocompletion } from "@codemirror/autocomplete";
import {
  PostgreSQL,
  SQLDialect,
  type SQLNamespace,
  schemaCompletionSource,
  sql,
} from "@codemirror/lang-sql";
import { Compartment, Prec } from "@codemirror/state";
import { keymap, placeholder } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { type EditorProps, useEditor } from "./use-editor";

export interface SqlEditorProps extends EditorProps {
  /** Ctrl or Cmd with Enter. */
  onRun: () => void;
  placeholder: string;
  /** Columns by the name of their table, to be completed. */
  tables: Readonly<Record<string, readonly string[]>>;
  ref?: Ref<SqlEditorHandle>;
}

export interface SqlEditorHandle {
  /** Put *text* where the cursor is, in place of what is selected. */
  insert: (text: string) => void;
}

/** DuckDB's words are PostgreSQL's; names may also stand in backticks, as Foundry has them. */
const dialect = SQLDialect.define({ ...PostgreSQL.spec, identifierQuotes: '"`' });

/** The editor itself; use `SqlEditor`, which loads it when it is needed. */
export default function SqlEditorView({ onRun, tables, ref, ...props }: SqlEditorProps) {
  const run = useRef(onRun);
  run.current = onRun;
  const completion = useRef(new Compartment());
  const { host, view } = useEditor(props, [
    Prec.highest(
      keymap.of([
        {
          key: "Mod-Enter",
          run: () => {
            run.current();
            return true;
          },
        },
      ]),
    ),
    sql({ dialect, upperCaseKeywords: true }),
    completion.current.of([]),
    autocompletion({ icons: false }),
    placeholder(props.placeholder),
  ]);

  useEffect(() => {
    const schema: SQLNamespace = Object.fromEntries(
      // A dot in a name stands for itself, not for a schema.
      Object.entries(tables).map(([name, columns]) => [name.replaceAll(".", "\\."), [...columns]]),
    );
    const source = schemaCompletionSource({ dialect, schema });
    view.current?.dispatch({
      effects: completion.current.reconfigure(dialect.language.data.of({ autocomplete: source })),
    });
  }, [tables, view]);

  useImperativeHandle(
    ref,
    () => ({
      insert: (text) => {
        const editor = view.current;
        if (editor === undefined) return;
        editor.dispatch(editor.state.replaceSelection(text), { scrollIntoView: true });
        editor.focus();
      },
    }),
    [view],
  );
  return <div ref={host} />;
}
