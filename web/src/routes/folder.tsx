import { useParams } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { FolderBrowser } from "@/features/projects/folder-browser";

export default function FolderPage() {
  const { rid } = useParams({ from: "/shell/projects/$rid" });
  return (
    <Page>
      <FolderBrowser key={rid} rid={rid} />
    </Page>
  );
}
