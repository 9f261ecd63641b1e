import { useParams, useSearch } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Connect } from "@/features/connect/connect";

export default function ConnectPage() {
  const { rid } = useParams({ from: "/shell/streams/$rid/connect" });
  const { branch } = useSearch({ from: "/shell/streams/$rid/connect" });
  return (
    <Page>
      <Connect branch={branch} key={rid} rid={rid} />
    </Page>
  );
}
