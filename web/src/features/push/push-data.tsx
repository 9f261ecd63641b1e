import { Radio, RadioGroup } from "@blueprintjs/core";
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
  /** Makes the button "Share", which knows for whom. */
  share: (clientId: string | undefined) => ReactNode;
}

/** From no credentials to records in the stream, in one language. */
export function PushData({ rid, branch, language, share }: PushDataProps) {
  const stream = useQuery(streamQuery(useApi(), rid, branch ?? DEFAULT_BRANCH));
  const located = useLocated(rid);
  const [draft, set] = useDraft();

  if (stream.isPending) return <Loading what="the stream" />;
  if (stream.isError) return <Failed error={stream.error} isPage retry={stream.refetch} />;

  const search = branch === undefined ? {} : { branch };
  const name = located.data?.resource.displayName ?? "Stream";
  const target = { rid, branch: stream.data.branchName };
  return (
    <>
      <PageHeader
        actions={share(draft.way === "application" ? draft.clientId || undefined : undefined)}
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
        <Credentials draft={draft} name={name} rid={rid} set={set} />
      )}
    </>
  );
}

interface CredentialsProps {
  rid: string;
  name: string;
  draft: PushDraft;
  set: (values: Partial<PushDraft>) => void;
}

/** The first step: who pushes. */
function Credentials({ rid, name, draft, set }: CredentialsProps) {
  return (
    <div className={styles.steps}>
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
        <ApplicationSteps draft={draft} rid={rid} set={set} />
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
