import styles from "./schema-editor.module.css";

/** What is wrong with the input above; nothing for no problem. */
export function FieldProblem({ id, message }: { id: string; message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <div className={styles.problem} id={id}>
      {message}
    </div>
  );
}
