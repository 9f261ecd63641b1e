import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { adoptEditorStyles } from "@/lib/editor-styles";

/** Something wrong in the text, from one place to another (counted in UTF-16 units). */
export interface TextProblem {
  from: number;
  to: number;
  message: string;
}

export interface EditorProps {
  /** The text box's name. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  problems?: readonly TextProblem[];
  isInvalid?: boolean;
  /** The id of what explains the text box. */
  describedBy?: string;
}

adoptEditorStyles();

const theme = EditorView.theme({
  "&": { fontSize: "12.5px", color: "var(--text)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", maxHeight: "420px" },
  ".cm-content, .cm-gutter": { minHeight: "150px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-gutters": {
    backgroundColor: "var(--surface-sunken)",
    color: "var(--text-muted)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft) !important",
  },
  ".cm-tooltip": {
    color: "var(--text)",
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line)",
  },
  ".cm-placeholder": { color: "var(--text-muted)" },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-name)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.bool, tags.null, tags.keyword], color: "var(--code-word)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--text-muted)" },
]);

/**
 * Keep an editor in an element: its text and the problems marked in it are those of *props*.
 *
 * The extensions are those of the first call. Tab leaves the editor: who works by keyboard must
 * not be caught in it.
 */
export function useEditor(props: EditorProps, extensions: readonly Extension[]) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const attributes = useRef(new Compartment());
  const onChange = useRef(props.onChange);
  const first = useRef({ props, extensions });
  onChange.current = props.onChange;

  useEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.current.props.value,
        extensions: [
          ...first.current.extensions,
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          syntaxHighlighting(colours),
          theme,
          EditorView.lineWrapping,
          keymap.of([...defaultKeymap, ...historyKeymap]),
          attributes.current.of(contentAttributes(first.current.props)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) onChange.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  const { value, label, isInvalid, describedBy, problems } = props;
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({
      effects: attributes.current.reconfigure(
        contentAttributes({
          label,
          ...(isInvalid && { isInvalid }),
          ...(describedBy && { describedBy }),
        }),
      ),
    });
  }, [label, isInvalid, describedBy]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    const length = editor.state.doc.length;
    const diagnostics = (problems ?? []).map(
      ({ from, to, message }): Diagnostic => ({
        from: Math.min(from, length),
        to: Math.min(to, length),
        message,
        severity: "error",
      }),
    );
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [problems]);

  return { host, view };
}

function contentAttributes(props: Pick<EditorProps, "label" | "isInvalid" | "describedBy">) {
  return EditorView.contentAttributes.of({
    "aria-label": props.label,
    ...(props.isInvalid && { "aria-invalid": "true" }),
    ...(props.describedBy !== undefined && { "aria-describedby": props.describedBy }),
  });
}
