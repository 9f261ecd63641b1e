import { Button, HTMLSelect } from "@blueprintjs/core";
import { CloudUploadIcon, ConsoleIcon, GitBranchIcon } from "@blueprintjs/icons";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ButtonLink } from "@/components/button-link";
import { PageHeader } from "@/components/page";
import { Trail } from "@/components/trail";
import { useLocated } from "@/lib/resources";
import { tableOf } from "@/lib/sql";
import { DEFAULT_BRANCH } from "@/lib/streams";
import styles from "./stream-page.module.css";
import type { StreamDescription } from "./wire";

interface StreamHeaderProps {
  description: StreamDescription;
  onBranch: (branch: string) => void;
  share: ReactNode;
  /** What is done with the stream as a whole. */
  menu: ReactNode;
}

/** The stream's name and place, and what one does with it as a whole. */
export function StreamHeader({ description, onBranch, share, menu }: StreamHeaderProps) {
  const navigate = useNavigate();
  const { branchName, datasetRid, name } = description;
  const located = useLocated(datasetRid);
  return (
    <PageHeader
      actions={
        <>
          <BranchSwitch description={description} onBranch={onBranch} />
          {share}
          <ButtonLink
            icon={<ConsoleIcon />}
            search={{ q: firstQuery(description) }}
            text={
              <>
                <span className={styles.longer}>Query with </span>SQL
              </>
            }
            to="/sql"
          />
          <Button
            icon={<CloudUploadIcon />}
            intent="primary"
            onClick={() =>
              navigate({
                to: "/streams/$rid/connect",
                params: { rid: datasetRid },
                search: { branch: branchName },
              })
            }
            text="Push data"
          />
        </>
      }
      breadcrumbs={<Trail folders={located.data?.ancestors ?? []} />}
      description={description.description || undefined}
      menu={menu}
      title={name}
    />
  );
}

/** What one asks first: what is in there. */
function firstQuery({ path, branchName }: StreamDescription): string {
  return `SELECT *\nFROM ${tableOf(path, branchName, DEFAULT_BRANCH)}\nLIMIT 100`;
}

function BranchSwitch({ description, onBranch }: Omit<StreamHeaderProps, "share" | "menu">) {
  if (description.branches.length < 2) return null;
  return (
    <span className={styles.branch}>
      <GitBranchIcon aria-hidden="true" />
      <HTMLSelect
        aria-label="Branch"
        onChange={(event) => onBranch(event.target.value)}
        options={description.branches}
        value={description.branchName}
      />
    </span>
  );
}
