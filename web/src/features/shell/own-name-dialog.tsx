import { useQuery } from "@tanstack/react-query";
import { useNotify } from "@/components/notices";
import { PersonDialog } from "@/components/person-dialog";
import { answer, useApi } from "@/lib/api";
import { typedPerson, useReplacePerson } from "@/lib/people";
import { useUser } from "@/lib/session";

/** Changes how others see who is signed in. */
export function OwnNameDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { id, isAdmin } = useUser();
  const api = useApi();
  const me = useQuery({
    queryKey: ["users", "me"],
    enabled: isOpen,
    queryFn: () => answer(api.GET("/api/v2/admin/users/getCurrent")),
  });
  const replace = useReplacePerson(id);
  const notify = useNotify();
  const close = () => {
    replace.reset();
    onClose();
  };
  const done = () => {
    close();
    notify({ message: "Your name is changed.", intent: "success" });
  };
  return (
    <PersonDialog
      error={replace.error ?? me.error}
      hasEmail={isAdmin}
      isOpen={isOpen}
      isPending={replace.isPending}
      onClose={close}
      onSubmit={(person) => replace.mutate(person, { onSuccess: done })}
      person={me.data && typedPerson(me.data)}
      title="Your name"
    />
  );
}
