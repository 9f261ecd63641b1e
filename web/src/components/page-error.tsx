import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { Failed } from "./failed";
import { Page } from "./page";

/** Stands in the place of a page that failed. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    return router.invalidate();
  };
  return (
    <Page>
      <Failed error={error} isPage retry={retry} />
    </Page>
  );
}
