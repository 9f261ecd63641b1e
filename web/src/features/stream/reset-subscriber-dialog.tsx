import { Radio, RadioGroup } from "@blueprintjs/core";
import { useState } from "react";
import { FormDialog } from "@/components/form-dialog";
import { useResetSubscriber } from "./use-stream";
import type { StreamName } from "./wire";

interface ResetSubscriberDialogProps {
  stream: StreamName;
  subscriberId: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Lets a subscriber read from elsewhere. */
export function ResetSubscriberDialog(props: ResetSubscriberDialogProps) {
  const [type, setType] = useState<"earliest" | "latest">("earliest");
  const reset = useResetSubscriber(props.stream);
  const close = () => {
    reset.reset();
    props.onClose();
  };
  return (
    <FormDialog
      error={reset.error}
      intent="warning"
      isOpen={props.isOpen}
      isPending={reset.isPending}
      onClose={close}
      onSubmit={() => reset.mutate({ id: props.subscriberId, type }, { onSuccess: close })}
      submitLabel="Reset position"
      title={`Where does ${props.subscriberId} read next?`}
    >
      <RadioGroup
        label="Position"
        onChange={(event) => setType(event.currentTarget.value as typeof type)}
        selectedValue={type}
      >
        <Radio label="Earliest: everything that is still there, again" value="earliest" />
        <Radio label="Latest: only what comes from now on" value="latest" />
      </RadioGroup>
    </FormDialog>
  );
}
