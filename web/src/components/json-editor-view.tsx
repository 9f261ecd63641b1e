import { json } from "@codemirror/lang-json";
import { type EditorProps, type TextProblem, useEditor } from "./use-editor";

export type JsonProblem = TextProblem;
export type JsonEditorProps = EditorProps;

/** The editor itself; use `JsonEditor`, which loads it when it is needed. */
export default function JsonEditorView(props: JsonEditorProps) {
  const { host } = useEditor(props, [json()]);
  return <div ref={host} />;
}
