import { Page } from "@/components/page";
import { TrashList } from "@/features/projects/trash-list";

export default function TrashPage() {
  return (
    <Page>
      <TrashList />
    </Page>
  );
}
