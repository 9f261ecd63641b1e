import { createContext, useContext } from "react";
import { afterPress } from "@/lib/press";
import type { FieldDraft } from "./draft";
import type { DraftProblem } from "./problems";

/** What the parts of the schema editor do and know, at every level. */
export interface SchemaActions {
  change: (id: string, change: (field: FieldDraft) => FieldDraft) => void;
  remove: (id: string) => void;
  move: (id: string, by: -1 | 1) => void;
  /** Add a field behind another one, and go there. */
  addAfter: (id: string) => void;
  /** Add a field at the end of a struct, and go there. */
  addInside: (id: string) => void;
  /** What is wrong at that place, if it should be said there yet. */
  problemAt: (place: string) => DraftProblem | undefined;
  /** The input at that place was left: from now on its problems are said beside it. */
  touch: (place: string) => void;
}

const SchemaContext = createContext<SchemaActions | undefined>(undefined);

export const SchemaProvider = SchemaContext.Provider;

export function useSchema(): SchemaActions {
  const actions = useContext(SchemaContext);
  if (actions === undefined) throw new Error("useSchema outside of the schema editor");
  return actions;
}

/** What an input carries so that it can be found, and its problem with it. */
export function usePlace(place: string) {
  const { problemAt, touch } = useSchema();
  const problem = problemAt(place);
  const noteId = `${place.replace(":", "-")}-problem`;
  return {
    message: problem?.message,
    noteId,
    input: {
      "data-place": place,
      onBlur: () => afterPress(() => touch(place)),
      ...(problem !== undefined && { "aria-invalid": true, "aria-describedby": noteId }),
    },
  };
}
