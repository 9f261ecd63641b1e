import { Button, Callout } from "@blueprintjs/core";
import { KeyIcon, PlusIcon } from "@blueprintjs/icons";
import { type ReactNode, useState } from "react";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { ShownOnceDialog } from "@/components/shown-once-dialog";
import { Table } from "@/components/table";
import { CreateTokenDialog } from "./create-token-dialog";
import { TokenRow } from "./token-row";
import styles from "./tokens.module.css";
import { type CreatedToken, useTokens } from "./use-tokens";

/** One's own personal tokens, and how to make one. */
export function TokenList() {
  const [isCreating, setIsCreating] = useState(false);
  const [created, setCreated] = useState<CreatedToken>();
  const create = (text: string) => (
    <Button icon={<PlusIcon />} intent="primary" onClick={() => setIsCreating(true)} text={text} />
  );
  return (
    <>
      <PageHeader
        actions={create("Create token")}
        description="Personal tokens let scripts and tools do what you may do, without your password."
        title="Tokens"
      />
      <div className={styles.hint}>
        <Callout compact intent="primary">
          A personal token has all of your rights: use one for testing, and a third-party
          application in production.
        </Callout>
      </div>
      <Card>
        <Tokens create={create("Create your first token")} />
      </Card>
      <CreateTokenDialog
        isOpen={isCreating}
        onClose={() => setIsCreating(false)}
        onCreated={setCreated}
      />
      {created !== undefined && (
        <ShownOnceDialog
          label="Token"
          onClose={() => setCreated(undefined)}
          secret={created.access_token}
          title={`${created.tokenInfo.name} is created`}
          warning={
            <>
              <strong>It is shown this once only.</strong> Copy it to a safe place now; who has it
              can do everything that you can.
            </>
          }
        />
      )}
    </>
  );
}

function Tokens({ create }: { create: ReactNode }) {
  const tokens = useTokens();

  if (tokens.isPending) return <Loading what="tokens" />;
  if (tokens.isError) return <Failed error={tokens.error} retry={tokens.refetch} />;
  if (tokens.data.length === 0) {
    return (
      <Empty action={create} icon={<KeyIcon size={20} />} title="No tokens yet">
        Create one to try the API from a terminal or a script.
      </Empty>
    );
  }

  const actions = (
    <span className="visually-hidden" key="actions">
      Actions
    </span>
  );
  return (
    <div className={styles.table}>
      <Table
        head={["Name", "Ends with", "State", "Created", "Expires", "Last used", actions]}
        label="Personal tokens"
      >
        {tokens.data.map((token) => (
          <TokenRow key={token.tokenId} token={token} />
        ))}
      </Table>
    </div>
  );
}
