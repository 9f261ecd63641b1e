import { Callout, Radio, RadioGroup } from "@blueprintjs/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Card } from "@/components/card";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Trail } from "@/components/trail";
import { useApi } from "@/lib/api";
import { useLocated } from "@/lib/resources";
import { mayEdit, ownRoleQuery } from "@/lib/roles";
import { DEFAULT_BRANCH, streamQuery } from "@/lib/streams";
import { ApplicationSteps } from "./application-steps";
import { LANGUAGES, type LanguageId } from "./code/programs";
import { CodeStep } from "./code-step";
import { LanguageLinks } from "./language-links";
import styles from "./push-data.module.css";
import { TokenStep } from "./token-step";
import { type PushDraft, useDraft } from "./use-draft";

/** A page below the one that a link leads to is another page. */
const EXACT = { exact: true };

interface PushDataProps {
  rid: string;
  /** The branch, where the path of the page names one. */
  branch: string | undefined;
  language: LanguageId;
  /** Makes the button "Share" for one with that role, which knows with whom. */
  share: (roleId: string | null, clientId: string | undefined) => ReactNode;
}

/** From no credentials to records in the stream, in one language. */
export function PushData({ rid, branch, language, share }: PushDataProps) {
  const api = useApi();
  const stream = useQuery(streamQuery(api, rid, branch ?? DEFAULT_BRANCH));
  const role = useQuery(ownRoleQuery(api, rid));
  const located = useLocated(rid);
  const [draft, set] = useDraft();

  if (stream.isPending) return <Loading what="the stream" />;
  if (stream.isError) return <Failed error={stream.error} isPage retry={stream.refetch} />;
  if (role.isPending) return <Loading what="your role" />;
  if (role.isError) return <Failed error={role.error} isPage retry={role.refetch} />;

  const search = branch === undefined ? {} : { branch };
  const name = located.data?.resource.displayName ?? "Stream";
  const target = { rid, branch: stream.data.branchName };
  const clientId =
    draft.way === "application" && draft.clientId !== "" ? draft.clientId : undefined;
  const mayPush = mayEdit(role.data);
  return (
    <>
      <PageHeader
        actions={share(role.data, clientId)}
        breadcrumbs={
          <Trail folders={located.data?.ancestors ?? []}>
            <span key="below" className={styles.crumbs}>
              <Link activeOptions={EXACT} params={{ rid }} search={search} to="/streams/$rid">
                {name}
              </Link>
              <span aria-hidden="true">/</span>
              <Link
                activeOptions={EXACT}
                params={{ rid }}
                search={search}
                to="/streams/$rid/connect"
              >
                Connect
              </Link>
            </span>
          </Trail>
        }
        description={
          <>
            To <strong>{name}</strong>, branch {target.branch}, with {LANGUAGES[language].name}
          </>
        }
        title="Push data"
      />
      <LanguageLinks current={language} rid={rid} search={search} />
      {isReady(draft) ? (
        <CodeStep
          draft={draft}
          language={language}
          onChange={() => set({ isReady: false })}
          stream={stream.data}
          target={target}
        />
      ) : (
        <Credentials draft={draft} mayPush={mayPush} name={name} rid={rid} set={set} />
      )}
    </>
  );
}

interface CredentialsProps {
  rid: string;
  name: string;
  draft: PushDraft;
  set: (values: Partial<PushDraft>) => void;
  /** Whether who looks on may push, and so may share the stream. */
  mayPush: boolean;
}

/** The first step: who pushes. */
function Credentials({ rid, name, draft, set, mayPush }: CredentialsProps) {
  return (
    <div className={styles.steps}>
      {!mayPush && (
        <Callout compact intent="warning">
          You may read this stream, not push to it or share it. Ask an editor or owner of it to give
          you, or your application, the role <strong>Editor</strong>.
        </Callout>
      )}
      <Card isPadded>
        <RadioGroup
          label={<strong>How will your program authenticate?</strong>}
          onChange={({ currentTarget: { value } }) =>
            set({ way: value === "token" ? "token" : "application" })
          }
          selectedValue={draft.way}
        >
          <Radio value="application">
            Push with a third-party application
            <span aria-hidden="true" className={styles.about}>
              Recommended. An identity of its own, which you can limit and withdraw (OAuth 2.0).
            </span>
          </Radio>
          <Radio value="token">
            Push with a personal token
            <span aria-hidden="true" className={styles.about}>
              For trying things out only: it may do all that you may.
            </span>
          </Radio>
        </RadioGroup>
      </Card>
      {draft.way === "application" ? (
        <ApplicationSteps draft={draft} mayShare={mayPush} rid={rid} set={set} />
      ) : (
        <TokenStep set={set} streamName={name} token={draft.token} />
      )}
    </div>
  );
}

function isReady(draft: PushDraft): boolean {
  if (!draft.isReady) return false;
  if (draft.way === "token") return draft.token !== undefined;
  return draft.clientId !== "" && draft.clientSecret !== "";
}
