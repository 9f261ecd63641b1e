import { SearchIcon } from "@blueprintjs/icons";
import { ButtonLink } from "@/components/button-link";
import { Empty } from "@/components/empty";
import { Page, useDocumentTitle } from "@/components/page";

/** Stands at every path that has no page. */
export function NotFoundPage() {
  useDocumentTitle("Not found");
  return (
    <Page>
      <Empty
        action={<ButtonLink text="Go to projects" to="/projects" />}
        icon={<SearchIcon size={20} />}
        title="There is no page here"
      >
        The address may be mistyped, or what it led to is gone.
      </Empty>
    </Page>
  );
}
