import { useRouter, useSearch } from "@tanstack/react-router";
import { SignInForm } from "@/features/session/sign-in-form";
import { safeNext } from "@/lib/session";

export default function SignInPage() {
  const { next } = useSearch({ from: "/sign-in" });
  const router = useRouter();
  return <SignInForm onSignedIn={() => router.history.push(safeNext(next))} />;
}
