import { Page } from "@/components/page";
import { ApplicationList } from "@/features/applications/application-list";

export default function ApplicationsPage() {
  return (
    <Page>
      <ApplicationList />
    </Page>
  );
}
