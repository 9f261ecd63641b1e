import { useParams } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { ApplicationPage } from "@/features/applications/application-page";

export default function ApplicationSettingsPage() {
  const { clientId } = useParams({ from: "/shell/settings/applications/$clientId" });
  return (
    <Page>
      <ApplicationPage clientId={clientId} key={clientId} />
    </Page>
  );
}
