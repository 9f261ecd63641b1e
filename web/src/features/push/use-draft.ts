import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";

/** How the person wants to push, and with what. */
export interface PushDraft {
  way: "application" | "token";
  clientId: string;
  clientSecret: string;
  /** A token that was made here. */
  token: string | undefined;
  /** The code is shown. */
  isReady: boolean;
}

const KEY = ["push-draft"];
const EMPTY: PushDraft = {
  way: "application",
  clientId: "",
  clientSecret: "",
  token: undefined,
  isReady: false,
};

/**
 * What was filled in, kept in memory for the way to the application's page and back.
 *
 * It holds a secret: it is gone on reload, at sign-out, and some minutes after the page was left.
 */
export function useDraft() {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => queries.getQueryData<PushDraft>(KEY) ?? EMPTY);
  const set = useCallback(
    (values: Partial<PushDraft>) =>
      setDraft((old) => {
        const next = { ...old, ...values };
        queries.setQueryData(KEY, next);
        return next;
      }),
    [queries],
  );
  return [draft, set] as const;
}
