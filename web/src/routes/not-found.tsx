import { SearchIcon } from "@blueprintjs/icons";
import { ButtonLink } from "@/components/button-link";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Page, PageHeader } from "@/components/page";

/** Stands at every path that has no page. */
export function NotFoundPage() {
  return (
    <Page>
      <PageHeader title="Not found" />
      <Card>
        <Empty
          action={<ButtonLink text="Go to projects" to="/projects" />}
          icon={<SearchIcon size={20} />}
          title="There is no page at this address"
        >
          The address may be mistyped, or what it led to is gone.
        </Empty>
      </Card>
    </Page>
  );
}
