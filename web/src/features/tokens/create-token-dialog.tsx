import { HTMLSelect, InputGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { formatTime } from "@/lib/format";
import { type CreatedToken, useCreateToken } from "./use-tokens";

const DAY_SECONDS = 86_400;
const LIVES = [
  [1, "1 day"],
  [7, "7 days"],
  [30, "30 days"],
  [90, "90 days"],
  [365, "1 year"],
] as const;
const DEFAULT_DAYS = 7;

interface CreateTokenDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onCreated: (token: CreatedToken) => void;
}

/** Asks for what a token needs, and makes it. */
export function CreateTokenDialog({ isOpen, onClose, onCreated }: CreateTokenDialogProps) {
  const [name, setName] = useState("");
  const [days, setDays] = useState<number>(DEFAULT_DAYS);
  const create = useCreateToken();

  const secondsToLive = days * DAY_SECONDS;
  const close = () => {
    setName("");
    setDays(DEFAULT_DAYS);
    create.reset();
    onClose();
  };
  const done = (token: CreatedToken) => {
    close();
    onCreated(token);
  };
  return (
    <FormDialog
      error={create.error}
      isOpen={isOpen}
      isPending={create.isPending}
      isReady={name.trim() !== ""}
      onClose={close}
      onSubmit={() => create.mutate({ name: name.trim(), secondsToLive }, { onSuccess: done })}
      submitLabel="Create"
      title="Create token"
    >
      <Field help="What it is for, so that you know later." label="Name">
        {(input) => <InputGroup {...input} autoFocus onValueChange={setName} value={name} />}
      </Field>
      <Field
        help={`It ends by itself on ${formatTime(Date.now() + secondsToLive * 1000)}.`}
        label="Ends after"
      >
        {({ intent: _, ...input }) => (
          <HTMLSelect
            {...input}
            fill
            onChange={(event) => setDays(Number(event.target.value))}
            value={days}
          >
            {LIVES.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </HTMLSelect>
        )}
      </Field>
    </FormDialog>
  );
}
