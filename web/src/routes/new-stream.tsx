import { useSearch } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { NewStream } from "@/features/stream-definition/new-stream";

export default function NewStreamPage() {
  const { folder } = useSearch({ from: "/shell/new-stream" });
  return (
    <Page>
      <NewStream folderRid={folder} key={folder} />
    </Page>
  );
}
