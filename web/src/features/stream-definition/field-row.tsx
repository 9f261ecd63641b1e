import { Button, Checkbox, InputGroup } from "@blueprintjs/core";
import { ArrowDownIcon, ArrowUpIcon, CommentIcon, KeyIcon, TrashIcon } from "@blueprintjs/icons";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { FieldDraft } from "./draft";
import { FieldProblem } from "./field-problem";
import { KindSelect } from "./kind-select";
import { usePlace, useSchema } from "./schema-context";
import styles from "./schema-editor.module.css";
import { mayBeKey } from "./types";

interface FieldRowProps {
  field: FieldDraft;
  index: number;
  count: number;
  /** Fields inside a struct cannot be keys of the stream. */
  isTop: boolean;
  /** What the field's type needs to be told besides its name. */
  children: ReactNode;
}

/** What a field is called on the page: by its name, or by its place while it has none. */
export function titleOf(field: FieldDraft, index: number): string {
  return field.name === "" ? `field ${index + 1}` : field.name;
}

/** One field of the record, or of a struct in it, with all that it is made of. */
export function FieldRow({ field, index, count, isTop, children }: FieldRowProps) {
  const [isDescribed, setIsDescribed] = useState(field.description !== "");
  const { change, addAfter, move } = useSchema();
  const name = usePlace(`${field.id}:name`);
  const key = usePlace(`${field.id}:key`);

  const set = (values: Partial<FieldDraft>) => change(field.id, (old) => ({ ...old, ...values }));
  const title = titleOf(field, index);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") addAfter(field.id);
    else if (event.altKey && event.key === "ArrowUp") move(field.id, -1);
    else if (event.altKey && event.key === "ArrowDown") move(field.id, 1);
    else return;
    event.preventDefault();
  };
  return (
    <li>
      <fieldset aria-label={title} className={styles.field}>
        <div className={styles.row}>
          <div className={styles.name}>
            <InputGroup
              {...name.input}
              aria-label="Field name"
              autoComplete="off"
              intent={name.message === undefined ? "none" : "danger"}
              {...(field.isKey && { leftIcon: <KeyIcon className={styles.keyIcon} /> })}
              onKeyDown={onKeyDown}
              onValueChange={(text) => set({ name: text })}
              placeholder="Field name"
              spellCheck={false}
              value={field.name}
            />
            <FieldProblem id={name.noteId} message={name.message} />
          </div>
          <KindSelect field={field} label="Field type" />
          <div className={styles.checks}>
            <Checkbox
              checked={field.isNullable}
              label="Nullable"
              onChange={(event) => set({ isNullable: event.target.checked })}
            />
            {isTop && (
              <Checkbox
                {...key.input}
                checked={field.isKey}
                disabled={!field.isKey && !mayBeKey(field.kind)}
                label="Key"
                onChange={(event) => set({ isKey: event.target.checked })}
              />
            )}
          </div>
          <RowButtons
            count={count}
            field={field}
            index={index}
            isDescribed={isDescribed}
            onDescribe={() => setIsDescribed((was) => !was)}
            title={title}
          />
        </div>
        {isTop && <FieldProblem id={key.noteId} message={key.message} />}
        {isDescribed && (
          <InputGroup
            aria-label="Description"
            autoFocus={field.description === ""}
            className={styles.description}
            onValueChange={(description) => set({ description })}
            placeholder="What the field means, for those who read the stream"
            size="small"
            value={field.description}
          />
        )}
        {children}
      </fieldset>
    </li>
  );
}

interface RowButtonsProps {
  field: FieldDraft;
  index: number;
  count: number;
  title: string;
  isDescribed: boolean;
  onDescribe: () => void;
}

function RowButtons({ field, index, count, title, isDescribed, onDescribe }: RowButtonsProps) {
  const { move, remove } = useSchema();
  return (
    <div className={styles.buttons}>
      <Button
        aria-expanded={isDescribed}
        aria-label={`Describe ${title}`}
        icon={<CommentIcon />}
        onClick={onDescribe}
        title="Description"
        variant="minimal"
      />
      <Button
        aria-label={`Move ${title} up`}
        data-place={`${field.id}:up`}
        disabled={index === 0}
        icon={<ArrowUpIcon />}
        onClick={() => move(field.id, -1)}
        title="Move up (Alt+↑)"
        variant="minimal"
      />
      <Button
        aria-label={`Move ${title} down`}
        data-place={`${field.id}:down`}
        disabled={index === count - 1}
        icon={<ArrowDownIcon />}
        onClick={() => move(field.id, 1)}
        title="Move down (Alt+↓)"
        variant="minimal"
      />
      <Button
        aria-label={`Remove ${title}`}
        icon={<TrashIcon />}
        onClick={() => remove(field.id)}
        title="Remove"
        variant="minimal"
      />
    </div>
  );
}
