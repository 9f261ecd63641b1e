import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { ShareButton } from "@/features/sharing/share-button";
import { StreamPage, type StreamTab, TABS } from "@/features/stream/stream-page";

const FROM = "/shell/streams/$rid";
const DEFAULT_BRANCH = "master";

export default function StreamRoutePage() {
  const { rid } = useParams({ from: FROM });
  const { branch = DEFAULT_BRANCH, tab } = useSearch({ from: FROM });
  const navigate = useNavigate();
  const go = (search: { branch?: string; tab?: StreamTab }) =>
    navigate({
      to: "/streams/$rid",
      params: { rid },
      search: (before) => ({ ...before, ...search }),
      replace: true,
    });
  return (
    <Page>
      <StreamPage
        key={`${rid} ${branch}`}
        onBranch={(chosen) => go({ branch: chosen })}
        onTab={(chosen) => go({ tab: chosen })}
        share={<ShareButton resourceRid={rid} />}
        stream={{ rid, branch }}
        tab={TABS.find((known) => known === tab) ?? "preview"}
      />
    </Page>
  );
}
