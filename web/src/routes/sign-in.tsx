import { useRouter, useSearch } from "@tanstack/react-router";
import { SignInForm } from "@/features/session/sign-in-form";
import { isOfServer, safeNext } from "@/lib/session";

export default function SignInPage() {
  const { next } = useSearch({ from: "/sign-in" });
  const router = useRouter();
  const goOn = () => {
    const path = safeNext(next);
    if (isOfServer(path)) window.location.assign(path);
    else router.history.push(path);
  };
  return <SignInForm onSignedIn={goOn} />;
}
