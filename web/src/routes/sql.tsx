import { useNavigate, useSearch } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { SqlPage } from "@/features/sql/sql-page";

export default function SqlRoutePage() {
  const { q = "" } = useSearch({ from: "/shell/sql" });
  const navigate = useNavigate();
  return (
    <Page width="wide">
      <SqlPage
        onQuery={(query) =>
          navigate({ to: "/sql", search: query === "" ? {} : { q: query }, replace: true })
        }
        query={q}
      />
    </Page>
  );
}
