import { Page } from "@/components/page";
import { AuthorizationList } from "@/features/authorization/authorization-list";
import { TokenList } from "@/features/tokens/token-list";

export default function TokensPage() {
  return (
    <Page>
      <TokenList />
      <AuthorizationList />
    </Page>
  );
}
