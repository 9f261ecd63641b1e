import { Button, Callout, HTMLSelect, Radio, RadioGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import type { Schema } from "@/lib/api";
import { formatNumber, plural } from "@/lib/format";
import { mayEdit } from "@/lib/roles";
import type { StreamSchema } from "@/lib/streams";
import { AddedField } from "./added-field";
import { type Widening, type WiderType, wideningsOf, withType } from "./schema-growth";
import { KINDS } from "./types";
import { type ChangedStream, useSchemaChange } from "./use-schema-change";

type StreamDescription = Schema<"StreamDescription">;
type Reply = Schema<"SchemaChangeReply">;

interface SchemaChangeProps {
  stream: ChangedStream;
  description: StreamDescription;
}

/** Lets who may edit the stream add a field or widen a type; nothing for others. */
export function SchemaChange({ stream, description }: SchemaChangeProps) {
  const [isOpen, setIsOpen] = useState(false);
  if (!mayEdit(description.role)) return null;
  return (
    <>
      <Button
        disabled={description.trashStatus !== "NOT_TRASHED"}
        onClick={() => setIsOpen(true)}
        text="Change schema"
      />
      {isOpen && (
        <SchemaChangeDialog
          description={description}
          onClose={() => setIsOpen(false)}
          stream={stream}
        />
      )}
    </>
  );
}

interface SchemaChangeDialogProps extends SchemaChangeProps {
  onClose: () => void;
}

/** Asks what is to change, shows what that would do, and then does it. */
function SchemaChangeDialog({ stream, description, onClose }: SchemaChangeDialogProps) {
  const { schema } = description;
  const [wanted, setWanted] = useState<StreamSchema>();
  const [tried, setTried] = useState<Reply>();
  const change = useSchemaChange(stream);
  const notify = useNotify();
  const choose = (to: StreamSchema | undefined) => {
    setWanted(to);
    setTried(undefined);
    change.reset();
  };
  const submit = () => {
    if (wanted === undefined) return;
    if (tried === undefined) {
      change.mutate({ schema: wanted, dryRun: true }, { onSuccess: setTried });
      return;
    }
    const done = () => {
      notify({ message: `${description.name} has its new schema.`, intent: "success" });
      onClose();
    };
    change.mutate({ schema: wanted, dryRun: false }, { onSuccess: done });
  };
  return (
    <FormDialog
      error={change.error}
      isOpen
      isWide
      isPending={change.isPending}
      isReady={wanted !== undefined && (tried === undefined || tried.isAllowed)}
      onClose={onClose}
      onSubmit={submit}
      submitLabel={tried === undefined ? "Preview" : "Change schema"}
      title={`Change the schema of ${description.name}`}
    >
      <Choice onChoose={choose} schema={schema} />
      {tried && <Preview reply={tried} />}
    </FormDialog>
  );
}

interface ChoiceProps {
  schema: StreamSchema;
  /** Told of the schema that is wanted; `undefined` while it is not complete. */
  onChoose: (to: StreamSchema | undefined) => void;
}

function Choice({ schema, onChoose }: ChoiceProps) {
  const widenings = wideningsOf(schema);
  const [kind, setKind] = useState("add");
  const select = (to: string) => {
    setKind(to);
    const first = widenings[0];
    const type = first?.types[0];
    const isWider = to === "widen" && first !== undefined && type !== undefined;
    onChoose(isWider ? withType(schema, first.name, type) : undefined);
  };
  return (
    <>
      <RadioGroup
        label="Records that are stored stay as they are."
        onChange={(event) => select(event.currentTarget.value)}
        selectedValue={kind}
      >
        <Radio label="Add a field, which may be null" value="add" />
        <Radio disabled={widenings.length === 0} label="Make a type wider" value="widen" />
      </RadioGroup>
      {kind === "add" ? (
        <AddedField onChoose={onChoose} schema={schema} />
      ) : (
        <Widen onChoose={onChoose} schema={schema} widenings={widenings} />
      )}
    </>
  );
}

function Widen({ schema, widenings, onChoose }: ChoiceProps & { widenings: Widening[] }) {
  const [name, setName] = useState(widenings[0]?.name ?? "");
  const types = widenings.find((one) => one.name === name)?.types ?? [];
  const [type, setType] = useState(types[0]);
  const choose = (field: string, to: WiderType | undefined) => {
    setType(to);
    onChoose(to === undefined ? undefined : withType(schema, field, to));
  };
  return (
    <>
      <Field label="Field">
        {(input) => (
          <HTMLSelect
            fill
            id={input.id}
            onChange={({ currentTarget: { value } }) => {
              setName(value);
              choose(value, widenings.find((one) => one.name === value)?.types[0]);
            }}
            options={widenings.map((one) => one.name)}
            value={name}
          />
        )}
      </Field>
      {type && (
        <Field label="Type">
          {(input) => (
            <HTMLSelect
              fill
              id={input.id}
              onChange={(event) => choose(name, event.currentTarget.value as WiderType)}
              options={types.map((to) => ({ value: to, label: KINDS[to] }))}
              value={type}
            />
          )}
        </Field>
      )}
    </>
  );
}

/** What the server says that the change would do. */
function Preview({ reply }: { reply: Reply }) {
  const { changes, refusals, stored } = reply;
  return (
    <div ref={(element) => element?.scrollIntoView?.({ block: "nearest" })}>
      <Callout compact intent={reply.isAllowed ? "success" : "danger"} role="status">
        {[...refusals, ...changes].map((one) => (
          <div key={one.description}>{one.description}</div>
        ))}
        {stored && (
          <div>
            {stored.lookedAt === 0
              ? "No records are stored yet."
              : stored.misfits === 0
                ? `Each of the newest ${plural(stored.lookedAt, "record")} fits the new schema.`
                : `${plural(stored.misfits, "record")} of the newest ${formatNumber(stored.lookedAt)} would not fit.`}
          </div>
        )}
      </Callout>
    </div>
  );
}
