import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { emptyField, type FieldDraft } from "./draft";
import type { DraftProblem } from "./problems";
import type { SchemaActions } from "./schema-context";
import { changeField, insertAfter, levelOf, moveField, removeField } from "./tree";

type Fields = readonly FieldDraft[];
type Update = (change: (fields: Fields) => Fields) => void;

/** Go to the input of that place; tells whether there is one. */
export function goTo(place: string): boolean {
  const element = document.querySelector<HTMLElement>(`[data-place="${CSS.escape(place)}"]`);
  if (element === null || element.matches(":disabled")) return false;
  element.focus();
  return true;
}

/** What the schema editor does, and where the keyboard is afterwards. */
export function useSchemaActions(
  fields: Fields,
  update: Update,
  problems: readonly DraftProblem[],
) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [said, setSaid] = useState("");
  const wanted = useRef<readonly string[]>([]);
  const current = useRef(fields);
  current.current = fields;

  // After every change: what was asked for may have just appeared.
  useLayoutEffect(() => {
    wanted.current.some(goTo);
    wanted.current = [];
  });

  const touch = useCallback(
    (place: string) => setTouched((old) => (old.has(place) ? old : new Set(old).add(place))),
    [],
  );
  const add = useCallback(() => {
    const added = emptyField();
    wanted.current = [`${added.id}:name`];
    update((old) => [...old, added]);
  }, [update]);

  const actions = useMemo<SchemaActions>(() => {
    const titleAt = (level: Fields, index: number) => level[index]?.name || `field ${index + 1}`;
    return {
      touch,
      problemAt: (place) =>
        touched.has(place) ? problems.find((problem) => problem.place === place) : undefined,
      change: (id, change) => update((old) => changeField(old, id, change)),
      addAfter: (id) => {
        const added = emptyField();
        wanted.current = [`${added.id}:name`];
        update((old) => insertAfter(old, id, added));
      },
      addInside: (id) => {
        const added = emptyField();
        wanted.current = [`${added.id}:name`];
        update((old) =>
          changeField(old, id, (field) => ({ ...field, parts: [...field.parts, added] })),
        );
      },
      remove: (id) => {
        const found = levelOf(current.current, id);
        if (found === undefined) return;
        const next = found.level[found.index + 1] ?? found.level[found.index - 1];
        wanted.current = [...(next === undefined ? [] : [`${next.id}:name`]), "add-field"];
        setSaid(`${titleAt(found.level, found.index)} removed`);
        update((old) => removeField(old, id));
      },
      move: (id, by) => {
        const found = levelOf(current.current, id);
        if (found === undefined || found.level[found.index + by] === undefined) return;
        const active = document.activeElement?.getAttribute("data-place") ?? "";
        const other = by < 0 ? `${id}:down` : `${id}:up`;
        wanted.current = active.startsWith(`${id}:`) ? [active, other] : [];
        const place = `${found.index + by + 1} of ${found.level.length}`;
        setSaid(`${titleAt(found.level, found.index)} moved to place ${place}`);
        update((old) => moveField(old, id, by));
      },
    };
  }, [problems, touch, touched, update]);
  return { actions, add, said };
}
