import { Page } from "@/components/page";
import { UsersAndGroups } from "@/features/users/users-and-groups";

export default function UsersPage() {
  return (
    <Page>
      <UsersAndGroups />
    </Page>
  );
}
