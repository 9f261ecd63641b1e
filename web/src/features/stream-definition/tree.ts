import type { FieldDraft } from "./draft";

type Fields = readonly FieldDraft[];

/** Change one field, at whatever level it stands. */
export function changeField(
  fields: Fields,
  id: string,
  change: (field: FieldDraft) => FieldDraft,
): Fields {
  return fields.map((field) => {
    if (field.id === id) return change(field);
    if (field.parts.length === 0) return field;
    return { ...field, parts: changeField(field.parts, id, change) };
  });
}

/** Take a field out. */
export function removeField(fields: Fields, id: string): Fields {
  return changeLevel(fields, id, (level, index) => level.toSpliced(index, 1));
}

/** Move a field among those of its level: -1 up, 1 down. */
export function moveField(fields: Fields, id: string, by: -1 | 1): Fields {
  return changeLevel(fields, id, (level, index) => {
    const moved = level[index];
    const to = index + by;
    if (moved === undefined || to < 0 || to >= level.length) return level;
    return level.toSpliced(index, 1).toSpliced(to, 0, moved);
  });
}

/** Put *added* behind the field *id*, on the same level. */
export function insertAfter(fields: Fields, id: string, added: FieldDraft): Fields {
  return changeLevel(fields, id, (level, index) => level.toSpliced(index + 1, 0, added));
}

/** The fields of the level on which the field *id* stands, with its place there. */
export function levelOf(fields: Fields, id: string): { level: Fields; index: number } | undefined {
  const index = fields.findIndex((field) => field.id === id);
  if (index >= 0) return { level: fields, index };
  for (const field of fields) {
    const found = levelOf(field.parts, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function changeLevel(
  fields: Fields,
  id: string,
  change: (level: Fields, index: number) => Fields,
): Fields {
  const index = fields.findIndex((field) => field.id === id);
  if (index >= 0) return change(fields, index);
  return fields.map((field) =>
    field.parts.length === 0 ? field : { ...field, parts: changeLevel(field.parts, id, change) },
  );
}
