import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { DATASET_TABS, DatasetPage, type DatasetTab } from "@/features/dataset/dataset-page";
import { ResourceMenu } from "@/features/projects/resource-menu";
import { ShareButton } from "@/features/sharing/share-button";
import { mayEdit } from "@/lib/roles";
import { DEFAULT_BRANCH } from "@/lib/streams";

const FROM = "/shell/datasets/$rid";

export default function DatasetRoutePage() {
  const { rid } = useParams({ from: FROM });
  const { branch = DEFAULT_BRANCH, tab } = useSearch({ from: FROM });
  const navigate = useNavigate();
  const go = (search: { branch?: string; tab?: DatasetTab }) =>
    navigate({
      to: "/datasets/$rid",
      params: { rid },
      search: (before) => ({ ...before, ...search }),
      replace: true,
    });
  return (
    <Page>
      <DatasetPage
        branch={branch}
        key={`${rid} ${branch}`}
        menu={({ resource }, { role }) =>
          mayEdit(role) && (
            <ResourceMenu
              isDisabled={resource.trashStatus !== "NOT_TRASHED"}
              label="Actions"
              resource={resource}
            />
          )
        }
        onBranch={(chosen) => go({ branch: chosen })}
        onTab={(chosen) => go({ tab: chosen })}
        rid={rid}
        share={({ role }) => <ShareButton resourceRid={rid} roleId={role} />}
        tab={DATASET_TABS.find((known) => known === tab) ?? "files"}
      />
    </Page>
  );
}
