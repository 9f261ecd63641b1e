import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, type Schema, useApi } from "./api";

/** Who stands behind an account, as typed. */
export interface Person {
  givenName: string;
  familyName: string;
  email: string;
}

export const NOBODY: Person = { givenName: "", familyName: "", email: "" };

/** Who stands behind a user, to be typed over. */
export function typedPerson(user: Schema<"UserWire">): Person {
  return {
    givenName: user.givenName ?? "",
    familyName: user.familyName ?? "",
    email: user.email ?? "",
  };
}

/** A person as the server takes it. */
export function sentPerson({ givenName, familyName, email }: Person) {
  return {
    givenName: givenName.trim() || null,
    familyName: familyName.trim() || null,
    email: email.trim() || null,
  };
}

/** Say anew who stands behind an account. */
export function useReplacePerson(userId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (person: Person) =>
      answer(
        api.PUT("/api/v1/users/{user_id}", {
          params: { path: { user_id: userId } },
          body: sentPerson(person),
        }),
      ),
    onSuccess: () =>
      Promise.all(
        ["users", "principals"].map((part) => queries.invalidateQueries({ queryKey: [part] })),
      ),
  });
}
