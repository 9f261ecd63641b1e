import { useParams } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { FolderBrowser } from "@/features/projects/folder-browser";
import { ShareButton } from "@/features/sharing/share-button";

export default function FolderPage() {
  const { rid } = useParams({ from: "/shell/projects/$rid" });
  return (
    <Page>
      <FolderBrowser
        key={rid}
        rid={rid}
        share={(roleId) => <ShareButton resourceRid={rid} roleId={roleId} />}
      />
    </Page>
  );
}
