import { HTMLSelect, InputGroup, Menu, MenuItem, Radio, RadioGroup } from "@blueprintjs/core";
import { AddIcon, GitBranchIcon, MoreIcon, TrashIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { MenuButton } from "@/components/menu-button";
import { useNotify } from "@/components/notices";
import { isNamed, messageOf } from "@/lib/errors";
import styles from "./dataset.module.css";
import { useCreateBranch, useDeleteBranch } from "./use-branches";
import type { Dataset } from "./use-dataset";

interface BranchToolsProps {
  dataset: Dataset;
  branch: string;
  branches: readonly string[];
  isWritable: boolean;
  onBranch: (branch: string) => void;
}

/** Which branch of the dataset is shown; who may write to it makes and deletes branches, too. */
export function BranchTools(props: BranchToolsProps) {
  const { branch, branches, isWritable, onBranch } = props;
  if (!isWritable && branches.length < 2 && branches.includes(branch)) return null;
  return (
    <span className={styles.branch}>
      <GitBranchIcon aria-hidden="true" />
      <HTMLSelect
        aria-label="Branch"
        onChange={(event) => onBranch(event.target.value)}
        options={branches.includes(branch) ? [...branches] : [branch, ...branches]}
        value={branch}
      />
      {isWritable && <BranchMenu {...props} />}
    </span>
  );
}

function BranchMenu({ dataset, branch, branches, onBranch }: BranchToolsProps) {
  const [asked, setAsked] = useState<"new" | "delete">();
  const isDefault = branch === dataset.defaultBranch;
  const close = () => setAsked(undefined);
  const target = { dataset, branch, onBranch, onClose: close };
  return (
    <>
      <MenuButton
        aria-label="Branches"
        icon={<MoreIcon />}
        menu={
          <Menu aria-label="Branches">
            <MenuItem icon={<AddIcon />} onClick={() => setAsked("new")} text="New branch" />
            <MenuItem
              disabled={isDefault || !branches.includes(branch)}
              icon={<TrashIcon />}
              intent="danger"
              onClick={() => setAsked("delete")}
              text={isDefault ? "The default branch stays" : `Delete branch ${branch}`}
            />
          </Menu>
        }
        variant="minimal"
      />
      {asked === "new" && <NewBranchDialog {...target} />}
      {asked === "delete" && <DeleteBranchDialog {...target} />}
    </>
  );
}

interface BranchDialogProps extends Pick<BranchToolsProps, "dataset" | "branch" | "onBranch"> {
  onClose: () => void;
}

function NewBranchDialog({ dataset, branch, onBranch, onClose }: BranchDialogProps) {
  const [name, setName] = useState("");
  const [source, setSource] = useState<"branch" | "nothing">("branch");
  const create = useCreateBranch(dataset.datasetRid);
  const notify = useNotify();
  const { error } = create;
  const isOfName = isNamed(error, "InvalidBranchName", "BranchAlreadyExists");
  const done = () => {
    onClose();
    onBranch(name.trim());
    notify({ message: `The branch ${name.trim()} is made.`, intent: "success" });
  };
  return (
    <FormDialog
      error={isOfName ? undefined : error}
      isOpen
      isPending={create.isPending}
      isReady={name.trim() !== ""}
      onClose={onClose}
      onSubmit={() =>
        create.mutate(
          { name: name.trim(), from: source === "branch" ? branch : undefined },
          { onSuccess: done },
        )
      }
      submitLabel="Create branch"
      title="New branch"
    >
      <Field error={isOfName ? messageOf(error) : undefined} label="Name">
        {(input) => (
          <InputGroup
            {...input}
            autoComplete="off"
            onValueChange={(text) => {
              setName(text);
              create.reset();
            }}
            value={name}
          />
        )}
      </Field>
      <RadioGroup
        label="It begins with"
        onChange={(event) => setSource(event.currentTarget.value as typeof source)}
        selectedValue={source}
      >
        <Radio label={`What ${branch} has now; nothing is copied`} value="branch" />
        <Radio label="Nothing" value="nothing" />
      </RadioGroup>
    </FormDialog>
  );
}

function DeleteBranchDialog({ dataset, branch, onBranch, onClose }: BranchDialogProps) {
  const remove = useDeleteBranch({ rid: dataset.datasetRid, branch });
  const notify = useNotify();
  const done = () => {
    onClose();
    onBranch(dataset.defaultBranch);
    notify({ message: `The branch ${branch} is deleted.`, intent: "success" });
  };
  return (
    <ConfirmDialog
      confirmLabel="Delete branch"
      error={remove.error}
      isOpen
      isPending={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate(undefined, { onSuccess: done })}
      title={`Delete branch ${branch}?`}
    >
      Nobody finds the branch {branch} any more. A transaction that is open on it is aborted. What
      was committed can still be read by the RID of its transaction, and other branches that go on
      from it keep it.
    </ConfirmDialog>
  );
}
