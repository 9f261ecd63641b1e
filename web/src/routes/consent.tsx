import { useLocation } from "@tanstack/react-router";
import { Consent } from "@/features/authorization/consent";

export default function ConsentPage() {
  const { searchStr } = useLocation();
  return (
    <Consent
      onDecided={(redirectTo) => window.location.assign(redirectTo)}
      query={searchStr.replace(/^\?/, "")}
    />
  );
}
