import { Navigate, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Files } from "@/features/dataset/files";
import { History } from "@/features/dataset/history";
import { ResourceMenu } from "@/features/projects/resource-menu";
import { ShareButton } from "@/features/sharing/share-button";
import type { ArchiveAddress } from "@/features/stream/archive-address";
import { StreamPage, type StreamTab, TABS } from "@/features/stream/stream-page";
import { SchemaChange } from "@/features/stream-definition/schema-change";
import { mayEdit } from "@/lib/roles";
import { DEFAULT_BRANCH } from "@/lib/streams";

const FROM = "/shell/streams/$rid";

export default function StreamRoutePage() {
  const { rid } = useParams({ from: FROM });
  const { branch = DEFAULT_BRANCH, tab, sort, filter, rows } = useSearch({ from: FROM });
  const navigate = useNavigate();
  const go = (search: { branch?: string; tab?: StreamTab } & ArchiveAddress) =>
    navigate({
      to: "/streams/$rid",
      params: { rid },
      search: (before) => ({ ...before, ...search }),
      replace: true,
    });
  /** Each view of the archive is a step that the browser goes back to. */
  const show = (address: ArchiveAddress) =>
    navigate({
      to: "/streams/$rid",
      params: { rid },
      search: (before) => ({ ...before, ...address }),
      resetScroll: false,
    });
  return (
    <Page>
      <StreamPage
        archive={{ sort, filter, rows }}
        files={
          <Files
            branch={branch}
            isWritable={false}
            note="Some seconds after the first record there is one."
            rid={rid}
          />
        }
        history={<History branch={branch} rid={rid} />}
        key={`${rid} ${branch}`}
        menu={(stream) =>
          mayEdit(stream.role) && (
            <ResourceMenu
              isDisabled={stream.trashStatus !== "NOT_TRASHED"}
              label="Actions"
              resource={{
                rid,
                displayName: stream.name,
                parentFolderRid: stream.parentFolderRid,
                projectRid: stream.projectRid,
              }}
            />
          )
        }
        missing={<Navigate params={{ rid }} replace search={{ branch }} to="/datasets/$rid" />}
        onArchive={show}
        onBranch={(chosen) =>
          go({ branch: chosen, sort: undefined, filter: undefined, rows: undefined })
        }
        onTab={(chosen) => go({ tab: chosen })}
        schemaChange={(stream) => <SchemaChange description={stream} stream={{ rid, branch }} />}
        share={({ role }) => <ShareButton resourceRid={rid} roleId={role} />}
        stream={{ rid, branch }}
        tab={TABS.find((known) => known === tab) ?? "preview"}
      />
    </Page>
  );
}
