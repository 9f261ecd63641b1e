import { useParams, useSearch } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { isLanguageId } from "@/features/push/code/programs";
import { PushData } from "@/features/push/push-data";
import { ShareButton } from "@/features/sharing/share-button";
import { NotFoundPage } from "./not-found";

export default function PushDataPage() {
  const { rid, language } = useParams({ from: "/shell/streams/$rid/push/$language" });
  const { branch } = useSearch({ from: "/shell/streams/$rid/push/$language" });
  if (!isLanguageId(language)) return <NotFoundPage />;
  return (
    <Page>
      <PushData
        branch={branch}
        language={language}
        rid={rid}
        share={(roleId, clientId) => (
          <ShareButton resourceRid={rid} roleId={roleId} suggestion={clientId} />
        )}
      />
    </Page>
  );
}
